"""OpenRouter's Activity export: CSV, one row for each generation (openrouter.ai/activity; three public examples of it).

`tokens_prompt` includes `tokens_cached`, `tokens_completion` includes `tokens_reasoning` (openrouter.ai/docs, activity
export); times are UTC. A variant, as in `free`, is sold at a price of its own and stands behind the model's name.
"""

from __future__ import annotations

from burncurve.importers.calls import FIRST_OF_REQUEST, MAIN, UNKNOWN, Call
from burncurve.importers.frame import Format, Reader, Record, put
from burncurve.importers.inclusive import disjoint
from burncurve.importers.values import UNKNOWN_US, count, counted, duration_us, name
from burncurve.ledger import Status

CLIENT = "OpenRouter"
REPEATED = "generation repeated"
NO_MODEL = "row without a model"
SEARCHED = "a cost of web searches, whose number is not said: in the stated cost, not in the bill"
NO_COUNTS = "row without token counts"
_MILLISECOND_US = 1_000


class Rows(Reader):
    """Reads one export."""

    def take(self, record: Record) -> str:
        generation, model = name(record.get("generation_id")), name(record.get("model_permaslug"))
        variant = name(record.get("variant"))
        if model and variant not in ("", "standard") and ":" not in model:
            model = f"{model}:{variant}"
        key = (CLIENT, generation)
        if not model:
            return NO_MODEL
        if not counted(record, "tokens_prompt", "tokens_completion"):
            return NO_COUNTS
        if self._stated_pico(record.get("cost_web_search")) > 0:
            self._calls.tally.remark(SEARCHED)
        return put(self._calls, key, lambda: self._call(record, generation, model), REPEATED)

    def _call(self, record: Record, generation: str, model: str) -> Call:
        start_us = self._moment_us(record.get("created_at"))
        took_us = duration_us(record.get("generation_time_ms"), _MILLISECOND_US)
        first_us = duration_us(record.get("time_to_first_token_ms"), _MILLISECOND_US)
        known = start_us != UNKNOWN_US
        failed = record.get("finish_reason_normalized") == "error"
        return Call(
            session=generation or self._calls.tally.place,
            agent=name(record.get("api_key_name")) or MAIN,
            project=name(record.get("app_name")),
            model=model or UNKNOWN,
            provider=name(record.get("provider_name")),
            client=CLIENT,
            status=int(Status.ERROR if failed else Status.OK),
            user_turn=FIRST_OF_REQUEST,
            start_us=start_us,
            first_token_us=start_us + first_us if known and first_us != UNKNOWN_US else UNKNOWN_US,
            end_us=start_us + took_us if known and took_us != UNKNOWN_US else UNKNOWN_US,
            stated_pico=self._stated_pico(record.get("cost_total")),
            **disjoint(
                self._calls.tally,
                count(record, "tokens_prompt"),
                count(record, "tokens_cached"),
                0,
                count(record, "tokens_completion"),
                count(record, "tokens_reasoning"),
            ),
        )


def recognises(record: Record) -> bool:
    """Say whether a row is of OpenRouter's export."""
    return "model_permaslug" in record and "tokens_prompt" in record


FORMAT = Format("openrouter", CLIENT, (), recognises, Rows, repeated=REPEATED, not_mine=NO_MODEL)

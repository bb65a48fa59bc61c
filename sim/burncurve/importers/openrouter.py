"""OpenRouter's Activity export: CSV, one row for each generation (openrouter.ai/activity; three public examples of it).

`tokens_prompt` includes `tokens_cached`, `tokens_completion` includes `tokens_reasoning`; times are UTC.
"""

from __future__ import annotations

from pathlib import Path

from burncurve.importers.calls import FIRST_OF_REQUEST, MAIN, UNKNOWN, Call, Calls
from burncurve.importers.frame import USED, Format, Record
from burncurve.importers.inclusive import disjoint
from burncurve.importers.values import UNKNOWN_US, Absurd, count, duration_us, moment_us, name, pico_usd
from burncurve.ledger import Status

CLIENT = "OpenRouter"
REPEATED = "generation repeated"
NO_MODEL = "row without a model"
_MILLISECOND_US = 1_000


class Reader:
    """Reads one export."""

    def __init__(self, path: Path, calls: Calls) -> None:
        self._calls = calls

    def take(self, record: Record) -> str:
        generation, model = name(record.get("generation_id")), name(record.get("model_permaslug"))
        key = (CLIENT, generation)
        if generation and key in self._calls.row_of:
            return REPEATED
        if not model:
            return NO_MODEL
        try:
            call = self._call(record, generation, model)
        except Absurd as field:
            return f"impossible count in {field}"
        self._calls.row_of[key] = self._calls.add(call)
        return USED

    def finish(self) -> None:
        """Nothing waits."""

    def _call(self, record: Record, generation: str, model: str) -> Call:
        start_us = moment_us(record.get("created_at"))
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
            stated_pico=pico_usd(record.get("cost_total")),
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


FORMAT = Format("openrouter", CLIENT, (), recognises, Reader)

"""OpenTelemetry spans of generative AI as OTLP JSON: one span for each call of a model.

The semantic conventions (open-telemetry/semantic-conventions-genai, status development) say that input tokens
include those read from and written to a cache. Spans of agents and tools may add up those of their calls and are
left out. Older and other spellings of the attributes are known: `cache_creation` was renamed to `cache_write` there
(pull request 440); the conventions know no cost, exporters write `gen_ai.usage.cost` where they were told one;
Sentry (github.com/getsentry/sentry-docs, pull request 15195), Strands (github.com/strands-agents/docs, pull request
248) and plugins of agents have their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from burncurve.importers.calls import FIRST_OF_REQUEST, MAIN, UNKNOWN, Call, Calls
from burncurve.importers.frame import Format, Reader, Record, put
from burncurve.importers.inclusive import disjoint, unknown_usage
from burncurve.importers.spans import Span
from burncurve.importers.values import UNKNOWN_US, count, duration_us, listed, mapping, name
from burncurve.ledger import Status
from burncurve.words import US_PER_S

CLIENT = "OpenTelemetry"
NOT_A_CALL = "span of no call of a model"
REPEATED = "span repeated"
NO_USAGE = "call without token counts"
CALLS = ("chat", "text_completion", "generate_content")
INPUT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")
OUTPUT = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens")
READ = (
    "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens", "gen_ai.usage.cache_read_tokens",
    "gen_ai.usage.input_tokens.cached", "gen_ai.usage.cached_input_tokens",
)  # fmt: skip
WRITTEN = (
    "gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens", "gen_ai.usage.cache_write_input_tokens",
    "gen_ai.usage.input_tokens.cache_write", "gen_ai.usage.cache_write_tokens",
)  # fmt: skip
REASONING = (
    "gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.output_tokens.reasoning", "gen_ai.usage.reasoning_tokens",
)  # fmt: skip
TOTAL = ("gen_ai.usage.total_tokens", "llm.usage.total_tokens")
_USAGE = "gen_ai.usage."
_KNOWN = frozenset({*INPUT, *OUTPUT, *READ, *WRITTEN, *REASONING, *TOTAL, "gen_ai.usage.cost"})
_FAILED = (2, "STATUS_CODE_ERROR")


class Rows(Reader):
    """Reads the spans of one file, each with the attributes of its resource."""

    def __init__(self, span: Span, calls: Calls) -> None:
        super().__init__(span, calls)
        self._requests: dict[str, int] = {}

    def take(self, record: Record) -> str:
        told = attributes(record.get("attributes"))
        operation = told.get("gen_ai.operation.name")
        counted = any(field in told for field in (*INPUT, *OUTPUT))
        if operation not in CALLS and not (operation is None and counted):
            return NOT_A_CALL
        if not counted:
            return NO_USAGE
        key = (CLIENT, name(record.get("traceId")), name(record.get("spanId")))
        return put(self._calls, key, lambda: self._call(record, told, key[1] or self._calls.tally.place), REPEATED)

    def _call(self, record: Record, told: Record, trace: str) -> Call:
        prompt, output = count(told, *INPUT), count(told, *OUTPUT)
        parts = (count(told, *READ), count(told, *WRITTEN), output, count(told, *REASONING), count(told, *TOTAL))
        self._name_others(told)
        start_us = self._moment_us(record.get("startTimeUnixNano"))
        first_us = duration_us(told.get("gen_ai.response.time_to_first_chunk"), US_PER_S)
        return Call(
            session=name(told.get("gen_ai.conversation.id")) or name(told.get("session.id")) or trace,
            agent=name(told.get("gen_ai.agent.name")) or name(told.get("gen_ai.agent.id")) or MAIN,
            project=name(mapping(record.get("resource")).get("service.name")),
            model=name(told.get("gen_ai.response.model")) or name(told.get("gen_ai.request.model")) or UNKNOWN,
            provider=name(told.get("gen_ai.provider.name")) or name(told.get("gen_ai.system")),
            client=CLIENT,
            status=int(Status.ERROR if mapping(record.get("status")).get("code") in _FAILED else Status.OK),
            request=self._requests.setdefault(trace, len(self._calls)),
            user_turn=FIRST_OF_REQUEST,
            start_us=start_us,
            first_token_us=start_us + first_us if UNKNOWN_US not in (start_us, first_us) else UNKNOWN_US,
            end_us=self._moment_us(record.get("endTimeUnixNano")),
            stated_pico=self._stated_pico(told.get("gen_ai.usage.cost")),
            **disjoint(self._calls.tally, prompt, *parts),
        )

    def _name_others(self, told: Record) -> None:
        """Remark usage under names that are not known."""
        for key in told:
            if key.startswith(_USAGE) and key not in _KNOWN and told[key] not in ("", 0, "0"):
                self._calls.tally.remark(unknown_usage(key, ""))


def attributes(values: object) -> dict[str, Any]:
    """Return a list of OTLP attributes as a mapping; integers come as text there."""
    found = {}
    for each in listed(values):
        key, value = mapping(each).get("key"), mapping(mapping(each).get("value"))
        if isinstance(key, str) and value:
            found[key] = next(iter(value.values()))
    return found


def spans(document: Record) -> Iterator[Record]:
    """Yield the spans of a batch, each with the attributes of its resource under `resource`."""
    for batch in listed(document.get("resourceSpans")):
        resource = attributes(mapping(mapping(batch).get("resource")).get("attributes"))
        scopes = mapping(batch).get("scopeSpans", mapping(batch).get("instrumentationLibrarySpans"))
        for scope in listed(scopes):
            for span in listed(mapping(scope).get("spans")):
                yield {**mapping(span), "resource": resource}


def recognises(record: Record) -> bool:
    """Say whether a record is a span."""
    return "spanId" in record and "startTimeUnixNano" in record


FORMAT = Format("opentelemetry", CLIENT, (), recognises, Rows, repeated=REPEATED, not_mine=NOT_A_CALL)

"""Langfuse's exports of observations: JSON, JSON lines or CSV, names with underscores or in camel case.

Fields: langfuse.com/docs, blob storage export fields (its Parquet files are not read). Only generations are calls.
Whether `input` includes what was cached depends on the integration that reported it: where a total is given the sum
decides, else Langfuse's rule that kinds of usage do not overlap (langfuse.com/docs, token and cost tracking). Times
without a zone are UTC.
"""

from __future__ import annotations

import orjson

from burncurve.importers import usage
from burncurve.importers.calls import (
    FIRST_OF_REQUEST,
    MAIN,
    MOST_TOOL_CALLS,
    UNKNOWN,
    Call,
    Calls,
    Meters,
    joined_tools,
)
from burncurve.importers.frame import Format, Reader, Record, put
from burncurve.importers.spans import Span
from burncurve.importers.values import listed, mapping, name
from burncurve.ledger import Status

CLIENT = "Langfuse"
NOT_A_CALL = "no generation"
REPEATED = "observation repeated"
NO_USAGE = "generation without usage"
_TYPES = ("GENERATION", "AGENT", "SPAN", "EVENT", "TOOL", "CHAIN", "RETRIEVER", "EVALUATOR", "EMBEDDING", "GUARDRAIL")


class Rows(Reader):
    """Reads one export."""

    def __init__(self, span: Span, calls: Calls) -> None:
        super().__init__(span, calls)
        self._requests: dict[str, int] = {}

    def take(self, record: Record) -> str:
        if record.get("type") != "GENERATION":
            return NOT_A_CALL
        observation = name(record.get("id"))
        key = (CLIENT, observation)
        told = _mapped(record, "usage_details", "usageDetails")
        if not usage.counts_any(told):
            return NO_USAGE
        return put(self._calls, key, lambda: self._call(record, usage.meters(told, self._calls.tally)), REPEATED)

    def _call(self, record: Record, used: Meters) -> Call:
        trace = _named(record, "trace_id", "traceId") or self._calls.tally.place
        cost = _mapped(record, "cost_details", "costDetails").get("total")
        tools = _names(record.get("tool_call_names", record.get("toolCallNames")))
        return Call(
            session=_named(record, "session_id", "sessionId") or trace,
            agent=_named(record, "trace_name", "traceName") or MAIN,
            project=_named(record, "project_id", "projectId"),
            model=_named(record, "provided_model_name", "providedModelName", "model") or UNKNOWN,
            client=CLIENT,
            status=int(Status.ERROR if record.get("level") == "ERROR" else Status.OK),
            request=self._requests.setdefault(trace, len(self._calls)),
            user_turn=FIRST_OF_REQUEST,
            start_us=self._moment_us(record.get("start_time", record.get("startTime"))),
            first_token_us=self._moment_us(record.get("completion_start_time", record.get("completionStartTime"))),
            end_us=self._moment_us(record.get("end_time", record.get("endTime"))),
            tools=joined_tools(tools),
            tool_calls=min(len(tools), MOST_TOOL_CALLS),
            stated_pico=self._stated_pico(record.get("total_cost", record.get("totalCost", cost))),
            **used,
        )


def _named(record: Record, *fields: str) -> str:
    return next(filter(None, (name(record.get(field)) for field in fields)), "")


def _mapped(record: Record, *fields: str) -> Record:
    """Return the first field that is a mapping; a CSV holds it as a JSON text."""
    for field in fields:
        value = record.get(field)
        if isinstance(value, str):
            try:
                value = orjson.loads(value)
            except orjson.JSONDecodeError:
                continue
        if isinstance(value, dict) and value:
            return value
    return mapping(None)


def _names(value: object) -> list[str]:
    """Return a list of names; a CSV holds it as a JSON text."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return []
    return [name(each) for each in listed(value)]


def recognises(record: Record) -> bool:
    """Say whether a record is one of Langfuse's observations."""
    known = "trace_id" in record or "traceId" in record
    return known and record.get("type") in _TYPES and ("start_time" in record or "startTime" in record)


FORMAT = Format("langfuse", CLIENT, (), recognises, Rows, repeated=REPEATED, not_mine=NOT_A_CALL)

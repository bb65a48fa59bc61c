"""Our own plain format for everything else: CSV or JSON lines with the columns of `FIELDS` (docs/logs.md)."""

from __future__ import annotations

from burncurve.importers.calls import FIRST_OF_REQUEST, MAIN, MOST_TOOL_CALLS, Call, Calls, joined_tools
from burncurve.importers.frame import Format, Reader, Record, put
from burncurve.importers.observed import SCHEMA
from burncurve.importers.spans import Span
from burncurve.importers.values import count, counted, listed, name
from burncurve.ledger import KIND_NAMES, METERS, STATUS_NAMES

CLIENT = "plain"
NO_MODEL = "row without a model"
NO_COUNTS = "row without token counts"
NEEDED = ("model", "input", "output")
FIELDS = {
    "model": "model as you name it; provider/model is priced as such",
    **{column.name: column.meaning for column in SCHEMA if column.name in METERS},
    "time": "when the call was asked for, ISO 8601 or seconds since 1970; UTC unless it says otherwise",
    "first_token": "when the first output token came",
    "end": "when the last output token came",
    "session": "conversation with its own context; without it each call is one of its own",
    "parent": "session that spawned this one",
    "agent": "kind of worker",
    "project": "folder or project",
    "provider": "who served it",
    "service_tier": "standard, batch, flex, priority or fast",
    "region": "where it was served, as price books name it: us, eu",
    "request": "number or name of the person's request in its session",
    "tools": "tools called after it, separated by commas",
    "kind": ", ".join(KIND_NAMES),
    "status": "ok or error",
    "cost_usd": "what it cost, if you know",
}


class Rows(Reader):
    """Reads one file."""

    def __init__(self, span: Span, calls: Calls) -> None:
        super().__init__(span, calls)
        self._requests: dict[tuple[str, str], int] = {}

    def take(self, record: Record) -> str:
        if not name(record.get("model")):
            return NO_MODEL
        if not counted(record, *METERS):
            return NO_COUNTS
        for field, known in (("kind", KIND_NAMES), ("status", STATUS_NAMES[:2])):
            if record.get(field) and record[field] not in known:
                return f"unknown {field}"
        for field in record:
            if field not in FIELDS:
                self._calls.tally.remark("column that is not known")
        return put(self._calls, (), lambda: self._call(record), "")

    def _call(self, record: Record) -> Call:
        session = name(record.get("session")) or self._calls.tally.place
        request = (session, name(record.get("request")))
        given = record.get("tools")
        tools = given.split(",") if isinstance(given, str) else [name(tool) for tool in listed(given)]
        tools = [tool.strip() for tool in tools if tool.strip()]
        parent = name(record.get("parent"))
        kind, status = record.get("kind") or KIND_NAMES[0], record.get("status") or STATUS_NAMES[0]
        used = {meter: count(record, meter) for meter in METERS}
        return Call(
            session=session,
            model=name(record.get("model")),
            parent=parent,
            agent=name(record.get("agent")) or MAIN,
            sub_agent=int(bool(parent)),
            project=name(record.get("project")),
            provider=name(record.get("provider")),
            client=CLIENT,
            service_tier=name(record.get("service_tier")) or "standard",
            region=name(record.get("region")),
            kind=KIND_NAMES.index(kind),
            status=STATUS_NAMES.index(status),
            request=self._requests.setdefault(request, len(self._calls)),
            user_turn=FIRST_OF_REQUEST,
            tools=joined_tools(tools),
            tool_calls=min(len(tools), MOST_TOOL_CALLS),
            start_us=self._moment_us(record.get("time")),
            first_token_us=self._moment_us(record.get("first_token")),
            end_us=self._moment_us(record.get("end")),
            stated_pico=self._stated_pico(record.get("cost_usd")),
            **{**used, "web_searches": min(used["web_searches"], MOST_TOOL_CALLS)},
        )


def recognises(record: Record) -> bool:
    """Say whether a record is of the plain format."""
    return all(field in record for field in NEEDED) and all(isinstance(field, str) for field in record)


FORMAT = Format("plain", CLIENT, (), recognises, Rows, not_mine=NO_MODEL)

"""Claude Code: ~/.claude/projects/FOLDER/SESSION.jsonl, its sub-agents in SESSION/subagents/agent-ID.jsonl.

Facts, from the files themselves and public threads: the counters of `usage` are disjoint; one API response is
written as several lines, one per block of content, each with the same message id, request id and usage, of which
the last may have more output tokens; a resumed session repeats the lines of the one before in its own file;
files of sub-agents can repeat responses of their parent under another request id (github.com/ryoppippi/ccusage,
issue 913); model "<synthetic>" is the client's own text.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from burncurve.importers.calls import (
    MAIN,
    MOST_TOOL_CALLS,
    SUB_AGENT,
    UNKNOWN,
    Call,
    Calls,
    Meters,
    hashed,
    joined_tools,
)
from burncurve.importers.frame import USED, Format, Reader, Record
from burncurve.importers.inclusive import RETENTION
from burncurve.importers.parts import NONE, Cut, Edge, Spawn
from burncurve.importers.spans import Span
from burncurve.importers.values import UNKNOWN_US, Absurd, count, counted, listed, mapping, name
from burncurve.ledger import Kind

CLIENT = "Claude Code"
PROGRAM_TEXT = "text of the program, no call"
FURTHER_LINE = "further line of a response already counted"
REPEATED = "response repeated from another file"
REPLAYED = "response of the parent replayed by a sub-agent"
NO_MESSAGE = "no message of a conversation"
NO_USAGE = "answer without usage"
COMPACTED = "a summary written within the response: its tokens are beside the counters and not counted"
_HEAD_BYTES = 200  # of a line, in which programs say what it is
_ANYWHERE = ("", "global", "not_available")
COUNTERS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens", "cache_creation")
_TASKS = ("Task", "Agent")
_COMPACTING = "acompact"


@dataclass(slots=True)
class _Talk:
    """Where one conversation stands: whether a person spoke last (None: not known), its request, its last time.

    `opening`, `answered` and `untimed` are about rows that wait for what was before these bytes, as Edge says.
    """

    person: bool | None
    request: int = NONE
    last_us: int = UNKNOWN_US
    opening: int = NONE
    answered: bool = False
    untimed: int = NONE


class Transcript(Reader):
    """Reads one file, or a range of it, which may hold several conversations."""

    def __init__(self, span: Span, calls: Calls) -> None:
        super().__init__(span, calls)
        path = PurePath(span.path)
        self._number, self._continued = span.number, span.continued
        self._file, self._folder = name(path.name.split(".")[0]) or UNKNOWN, name(path.parent.name)
        self._talks: dict[str, _Talk] = {}
        self._rows: dict[tuple[str, str], int] = {}
        self._tools: dict[int, list[str]] = {}
        self._types: dict[str, str] = {}
        self._spawns: list[Spawn] = []

    def take(self, record: Record) -> str:
        kind = record.get("type")
        if kind == "progress":  # of a sub-agent; its own file has the same responses, where there is one
            data = mapping(record.get("data"))
            record = {**record, **mapping(data.get("message")), "agentId": data.get("agentId"), "isSidechain": True}
            kind = record.get("type")
        if kind == "assistant":
            return self._answer(record)
        return self._asked(record) if kind == "user" else NO_MESSAGE

    def finish(self, goes_on: bool) -> None:
        for row, tools in self._tools.items():
            self._calls.row(row).tools = joined_tools(tools)
        if goes_on or self._continued:
            edges = [
                Edge(session, talk.person, talk.request, talk.last_us, talk.opening, talk.answered, talk.untimed)
                for session, talk in self._talks.items()
            ]
            self._calls.cut(Cut(self._number, edges, self._spawns, self._types))

    def _session(self, record: Record) -> tuple[str, str]:
        """Return the names of the conversation and of its parent, "" for none."""
        session = name(record.get("sessionId")) or self._file
        if not record.get("isSidechain"):
            return session, ""
        return f"{session}/{name(record.get('agentId')) or 'side'}", session

    def _talk(self, session: str) -> _Talk:
        talk = self._talks.get(session)
        if talk is None:
            talk = self._talks[session] = _Talk(None if self._continued else True)
        return talk

    def _asked(self, record: Record) -> str:
        talk = self._talk(self._session(record)[0])
        content = mapping(record.get("message")).get("content")
        blocks = [mapping(block) for block in listed(content)]
        results = [block for block in blocks if block.get("type") == "tool_result"]
        self._name_agent(record, results)
        if not results and not record.get("isMeta") and not record.get("isCompactSummary"):
            talk.person = True
        at_us = self._moment_us(record.get("timestamp"))
        talk.last_us = at_us if at_us != UNKNOWN_US else talk.last_us
        return USED

    def _name_agent(self, record: Record, results: list[Record]) -> None:
        """A tool's result tells which sub-agent did it; the call of the tool told of which type that was."""
        told = mapping(record.get("toolUseResult"))
        agent = name(told.get("agentId"))
        if agent:
            session = f"{name(record.get('sessionId')) or self._file}/{agent}"
            tools = [name(block.get("tool_use_id")) for block in results]
            known = name(told.get("agentType")) or next(filter(None, map(self._types.get, tools)), "")
            if known:
                self._calls.agents[session] = known
            elif self._continued:
                self._spawns.append(Spawn(session, tuple(tools)))

    def _answer(self, record: Record) -> str:
        message = mapping(record.get("message"))
        usage, model = message.get("usage"), name(message.get("model"))
        if model == "<synthetic>":
            return PROGRAM_TEXT
        if not isinstance(usage, dict) or not counted(usage, *COUNTERS):
            return NO_USAGE
        try:
            meters = _meters(usage)
        except Absurd as field_:
            return f"impossible count in {field_}"
        key = (name(message.get("id")) or name(record.get("uuid")), name(record.get("requestId")))
        row = self._rows.get(key, NONE) if key[0] else NONE
        if row != NONE:
            return self._again(row, record, message, meters)
        row = self._first(record, message, model, meters)
        if key[0]:
            self._rows[key] = row
            self._calls.row(row).key = hashed(CLIENT, *key)
        return USED

    def _first(self, record: Record, message: Record, model: str, meters: Meters) -> int:
        session, parent = self._session(record)
        if meters["cache_write_5m"] and not mapping(message.get("usage")).get("cache_creation"):
            self._calls.tally.remark(RETENTION)
        self._name_uncounted(mapping(message.get("usage")))
        talk = self._talk(session)
        at_us, row, identity = self._moment_us(record.get("timestamp")), len(self._calls), name(message.get("id"))
        if talk.person or talk.request == NONE:
            if self._continued and not talk.person:
                talk.opening, talk.answered = row, talk.person is False
            talk.request = row
        tools = self._called(message)
        compacting = name(record.get("agentId")).startswith(_COMPACTING)
        self._calls.add(
            Call(
                session=session,
                parent=parent,
                agent=SUB_AGENT if parent else MAIN,
                sub_agent=int(bool(parent)),
                project=name(record.get("cwd")) or self._folder,
                model=model or UNKNOWN,
                client=CLIENT,
                service_tier=_tier(mapping(message.get("usage"))),
                region=_region(mapping(message.get("usage"))),
                kind=int(Kind.COMPACTION if compacting else Kind.TURN),
                request=talk.request,
                user_turn=int(bool(talk.person)),
                tool_calls=min(len(tools), MOST_TOOL_CALLS),
                start_us=talk.last_us if at_us != UNKNOWN_US else UNKNOWN_US,
                end_us=at_us,
                stated_pico=self._stated_pico(record.get("costUSD")),
                identity=hashed(identity) if identity else 0,
                **meters,
            )
        )
        self._tools[row] = tools
        self._answered(talk, row, at_us)
        return row

    def _name_uncounted(self, usage: Record) -> None:
        """Remark what a response cost beyond its counters: summaries that the provider wrote in it."""
        if any(mapping(each).get("type") == "compaction" for each in listed(usage.get("iterations"))):
            self._calls.tally.remark(COMPACTED)

    def _answered(self, talk: _Talk, row: int, at_us: int) -> None:
        talk.person = False
        if at_us != UNKNOWN_US:
            if self._continued and talk.last_us == UNKNOWN_US:
                talk.untimed = row
            talk.last_us = at_us

    def _again(self, row: int, record: Record, message: Record, meters: Meters) -> str:
        """Take what a further line of a response has more than those before: output, tools, a later end."""
        call = self._calls.row(row)
        if meters["output"] > call.output:
            for meter, value in meters.items():
                setattr(call, meter, value)
        at_us = self._moment_us(record.get("timestamp"))
        self._answered(self._talk(self._session(record)[0]), NONE, at_us)
        self._tools[row] += self._called(message)
        call.tool_calls, call.end_us = min(len(self._tools[row]), MOST_TOOL_CALLS), max(at_us, call.end_us)
        return FURTHER_LINE

    def _called(self, message: Record) -> list[str]:
        blocks = [mapping(block) for block in listed(message.get("content"))]
        used = [block for block in blocks if block.get("type") in ("tool_use", "server_tool_use")]
        for block in used:
            if block.get("name") in _TASKS:
                self._types[name(block.get("id"))] = name(mapping(block.get("input")).get("subagent_type"))
        return [name(block.get("name")) for block in used]


def _tier(usage: Record) -> str:
    """Return the tier at which a call was sold: the fast mode is told apart from the tier, and costs more."""
    return "fast" if name(usage.get("speed")) == "fast" else name(usage.get("service_tier")) or "standard"


def _region(usage: Record) -> str:
    """Return where a call was served, if it was to be served there: some regions cost more."""
    where = name(usage.get("inference_geo"))
    return "" if where in _ANYWHERE else where


def _meters(usage: Record) -> Meters:
    parts = mapping(usage.get("cache_creation"))
    hour = count(parts, "ephemeral_1h_input_tokens")
    written = count(usage, "cache_creation_input_tokens") or hour + count(parts, "ephemeral_5m_input_tokens")
    return {
        "input": count(usage, "input_tokens"),
        "cache_read": count(usage, "cache_read_input_tokens"),
        "cache_write_5m": written - min(hour, written),
        "cache_write_1h": min(hour, written),
        "output": count(usage, "output_tokens"),
        "web_searches": min(count(mapping(usage.get("server_tool_use")), "web_search_requests"), MOST_TOOL_CALLS),
    }


def dull(line: bytes) -> str:
    """Return why a line need not be parsed: quotes inside a text are escaped, so these bytes are a name or value.

    What does not begin and end as an object does may be one that was cut off, and what has a payload another program's.
    """
    if b'"assistant"' in line or b'"user"' in line or not (line.startswith(b"{") and line.endswith(b"}")):
        return USED
    return NO_MESSAGE if line.find(b'"payload"', 0, _HEAD_BYTES) < 0 else USED


def recognises(record: Record) -> bool:
    """Say whether a record is of Claude Code."""
    return ("sessionId" in record and "type" in record) or (record.get("type") == "summary" and "leafUuid" in record)


FORMAT = Format(
    "claude-code", CLIENT, (".claude/projects", ".config/claude/projects"), recognises, Transcript, dull,
    repeated=REPEATED, replayed=REPLAYED, further=FURTHER_LINE, cuts=True, not_mine=NO_MESSAGE,
)  # fmt: skip

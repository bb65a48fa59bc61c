"""Claude Code: ~/.claude/projects/FOLDER/SESSION.jsonl, its sub-agents in SESSION/subagents/agent-ID.jsonl.

Facts, from the files themselves and public threads: the counters of `usage` are disjoint; one API response is
written as several lines, one per block of content, each with the same message id, request id and usage, of which
the last may have more output tokens; a resumed session repeats the lines of the one before in its own file;
files of sub-agents can repeat responses of their parent under another request id (github.com/ryoppippi/ccusage,
issue 913); model "<synthetic>" is the client's own text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from burncurve.importers.calls import MAIN, MOST_TOOL_CALLS, SUB_AGENT, UNKNOWN, Call, Calls, Meters, joined_tools
from burncurve.importers.frame import USED, Format, Reader, Record
from burncurve.importers.values import UNKNOWN_US, Absurd, count, listed, mapping, moment_us, name, pico_usd
from burncurve.ledger import Kind

CLIENT = "Claude Code"
PROGRAM_TEXT = "text of the program, no call"
FURTHER_LINE = "further line of a response already counted"
REPEATED = "response repeated from another file"
REPLAYED = "response of the parent replayed by a sub-agent"
NO_MESSAGE = "no message of a conversation"
NO_USAGE = "answer without usage"
_TASKS = ("Task", "Agent")
_COMPACTING = "acompact"
_DULL_UNLESS = (b'"assistant"', b'"user"')


@dataclass(slots=True)
class _Talk:
    """Where one conversation stands: its requests so far, and whether a person spoke last."""

    request: int = -1
    person: bool = True
    last_us: int = UNKNOWN_US


@dataclass(slots=True)
class _Shared:
    """What files tell each other: responses by message id, names of sub-agents."""

    of_main: set[str] = field(default_factory=set)
    of_sides: list[tuple[int, str, str]] = field(default_factory=list)
    agents: dict[str, str] = field(default_factory=dict)


class Transcript(Reader):
    """Reads one file, which may hold several conversations."""

    def __init__(self, path: Path, calls: Calls) -> None:
        super().__init__(path, calls)
        self._shared = calls.shared(CLIENT, _Shared)
        self._file, self._folder = path.name.split(".")[0], path.parent.name
        self._talks: dict[str, _Talk] = {}
        self._tools: dict[int, list[str]] = {}
        self._tasks: dict[str, str] = {}

    def take(self, record: Record) -> str:
        kind = record.get("type")
        if kind == "progress":  # of a sub-agent; its own file has the same responses, where there is one
            data = mapping(record.get("data"))
            record = {**record, **mapping(data.get("message")), "agentId": data.get("agentId"), "isSidechain": True}
            kind = record.get("type")
        if kind == "assistant":
            return self._answer(record)
        return self._asked(record) if kind == "user" else NO_MESSAGE

    def finish(self) -> None:
        for row, tools in self._tools.items():
            self._calls.change(row, {"tools": joined_tools(tools)})

    def _session(self, record: Record) -> tuple[str, str]:
        """Return the names of the conversation and of its parent, "" for none."""
        session = name(record.get("sessionId")) or self._file
        if not record.get("isSidechain"):
            return session, ""
        return f"{session}/{name(record.get('agentId')) or 'side'}", session

    def _talk(self, session: str) -> _Talk:
        return self._talks.setdefault(session, _Talk())

    def _asked(self, record: Record) -> str:
        talk = self._talk(self._session(record)[0])
        content = mapping(record.get("message")).get("content")
        blocks = [mapping(block) for block in listed(content)]
        results = [block for block in blocks if block.get("type") == "tool_result"]
        self._name_agent(record, results)
        if not results and not record.get("isMeta") and not record.get("isCompactSummary"):
            talk.person = True
        at_us = moment_us(record.get("timestamp"))
        talk.last_us = at_us if at_us != UNKNOWN_US else talk.last_us
        return USED

    def _name_agent(self, record: Record, results: list[Record]) -> None:
        """A tool's result tells which sub-agent did it; the call of the tool told of which type that was."""
        told = mapping(record.get("toolUseResult"))
        agent = name(told.get("agentId"))
        if agent:
            types = [self._tasks.get(name(block.get("tool_use_id")), "") for block in results]
            known = name(told.get("agentType")) or next(filter(None, types), "")
            session = name(record.get("sessionId")) or self._file
            if known:
                self._shared.agents[f"{session}/{agent}"] = known

    def _answer(self, record: Record) -> str:
        message = mapping(record.get("message"))
        usage, model = message.get("usage"), name(message.get("model"))
        if model == "<synthetic>":
            return PROGRAM_TEXT
        if not isinstance(usage, dict):
            return NO_USAGE
        try:
            meters = _meters(usage, self._calls)
        except Absurd as field_:
            return f"impossible count in {field_}"
        identity = name(message.get("id"))
        key = (CLIENT, identity or name(record.get("uuid")), name(record.get("requestId")))
        row = self._calls.row_of.get(key) if key[1] else None
        if row is not None:
            return self._again(row, record, message, meters)
        row = self._first(record, message, model, meters)
        if key[1]:
            self._calls.row_of[key] = row
        if identity:
            self._remember(row, identity, bool(record.get("isSidechain")))
        return USED

    def _remember(self, row: int, identity: str, side: bool) -> None:
        if side:
            self._shared.of_sides.append((row, identity, self._calls.tally.place))
        else:
            self._shared.of_main.add(identity)

    def _first(self, record: Record, message: Record, model: str, meters: Meters) -> int:
        session, parent = self._session(record)
        talk = self._talk(session)
        at_us = moment_us(record.get("timestamp"))
        talk.request += talk.person
        tools = self._called(message)
        compacting = name(record.get("agentId")).startswith(_COMPACTING)
        row = self._calls.add(
            Call(
                session=session,
                parent=parent,
                agent=SUB_AGENT if parent else MAIN,
                sub_agent=int(bool(parent)),
                project=name(record.get("cwd")) or self._folder,
                model=model or UNKNOWN,
                client=CLIENT,
                service_tier=_tier(mapping(message.get("usage"))),
                kind=int(Kind.COMPACTION if compacting else Kind.TURN),
                request=talk.request,
                user_turn=int(talk.person),
                tool_calls=min(len(tools), MOST_TOOL_CALLS),
                start_us=talk.last_us if at_us != UNKNOWN_US else UNKNOWN_US,
                end_us=at_us,
                stated_pico=pico_usd(record.get("costUSD")),
                **meters,
            )
        )
        self._tools[row] = tools
        talk.person = False
        talk.last_us = at_us if at_us != UNKNOWN_US else talk.last_us
        return row

    def _again(self, row: int, record: Record, message: Record, meters: Meters) -> str:
        """Take what a further line of a response has more than those before: output, tools, a later end."""
        if meters["output"] > self._calls.get(row, "output"):
            self._calls.change(row, meters)
        at_us = moment_us(record.get("timestamp"))
        talk = self._talk(self._session(record)[0])
        talk.person = False
        talk.last_us = max(at_us, talk.last_us)
        if row not in self._tools:
            return REPEATED
        self._tools[row] += self._called(message)
        self._calls.change(
            row,
            {
                "tool_calls": min(len(self._tools[row]), MOST_TOOL_CALLS),
                "end_us": max(at_us, self._calls.get(row, "end_us")),
            },
        )
        return FURTHER_LINE

    def _called(self, message: Record) -> list[str]:
        blocks = [mapping(block) for block in listed(message.get("content"))]
        used = [block for block in blocks if block.get("type") in ("tool_use", "server_tool_use")]
        for block in used:
            if block.get("name") in _TASKS:
                self._tasks[name(block.get("id"))] = name(mapping(block.get("input")).get("subagent_type"))
        return [name(block.get("name")) for block in used]


def _tier(usage: Record) -> str:
    """Return the tier at which a call was sold: the fast mode is told apart from the tier, and costs more."""
    return "fast" if name(usage.get("speed")) == "fast" else name(usage.get("service_tier")) or "standard"


def _meters(usage: Record, calls: Calls) -> Meters:
    parts = mapping(usage.get("cache_creation"))
    hour = count(parts, "ephemeral_1h_input_tokens")
    written = count(usage, "cache_creation_input_tokens") or hour + count(parts, "ephemeral_5m_input_tokens")
    if written and not parts:
        calls.tally.remark("how long the cache was written for is not said: taken as five minutes")
    return {
        "input": count(usage, "input_tokens"),
        "cache_read": count(usage, "cache_read_input_tokens"),
        "cache_write_5m": written - min(hour, written),
        "cache_write_1h": min(hour, written),
        "output": count(usage, "output_tokens"),
        "web_searches": min(count(mapping(usage.get("server_tool_use")), "web_search_requests"), MOST_TOOL_CALLS),
    }


def dull(line: bytes) -> str:
    """Return why a line need not be parsed: quotes inside a text are escaped, so these bytes are a name or value."""
    return USED if any(word in line for word in _DULL_UNLESS) else NO_MESSAGE


def recognises(record: Record) -> bool:
    """Say whether a record is of Claude Code."""
    return ("sessionId" in record and "type" in record) or (record.get("type") == "summary" and "leafUuid" in record)


def finished(calls: Calls) -> None:
    """Drop the responses that sub-agents replayed, and name the sub-agents."""
    shared = calls.shared(CLIENT, _Shared)
    seen = shared.of_main
    for row, identity, place in shared.of_sides:
        if identity in seen:
            calls.drop(row, REPLAYED, place)
        seen.add(identity)
    calls.name_agents(shared.agents)


FORMAT = Format(
    "claude-code", CLIENT, (".claude/projects", ".config/claude/projects"), recognises, Transcript, dull, finished
)

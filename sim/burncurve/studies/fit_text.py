"""A fit as a scenario file: readable YAML whose comments carry what was seen and how well it is met."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from burncurve.studies.families import Fitted, quantile
from burncurve.studies.fit import AgentFit, Fit, PeopleFit
from burncurve.studies.fit_parts import Share, Spawning
from burncurve.words import US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_S

PEOPLE = 5
NO_THINK = "    think: 0s # assumption: no second request was seen"
LEAST_CAP = 250  # steps of a request that a scenario allows without being told
AS_SEEN = ("quantiles", "shares")
SHOWN = (0.5, 0.9, 0.99)


@dataclass(frozen=True, slots=True)
class Frame:
    """What a scenario says that no log tells: its name, calendar and deployments; `source` says what it is fitted to.

    `deployments` are lines of YAML below that key; `sessions_per_day` stands where the log has no dates; `calendar` is
    the comment beside start, time zone and horizon, `people` are more lines for each group of users.
    """

    name: str
    source: str
    start: str = "2026-11-02T09:00"
    time_zone: str = "UTC"
    horizon: str = "5d"
    sessions_per_day: float = 3.0
    deployments: tuple[str, ...] = ()
    calendar: str = " # assumption"
    people: tuple[str, ...] = ()
    about: str = ""
    schema: str = "scenario.schema.json"


def scenario_text(fit: Fit, frame: Frame) -> str:
    """Return the text of a scenario that does what was observed."""
    return "\n".join((*_head(fit, frame), *_people(fit, frame), "agents:", *_agents(fit), *_deployments(frame))) + "\n"


def _head(fit: Fit, frame: Frame) -> Iterator[str]:
    yield f"# yaml-language-server: $schema={frame.schema}"
    yield "#"
    yield f"# Fitted to {_counted(fit.calls, 'call')} of {_counted(fit.sessions, 'session')}: {frame.source}"
    yield "# Behind each figure: the family and its largest distance from the data (KS), of how many values it was"
    yield "# read, how far the next family lies behind (AIC), and quantiles as seen, in brackets as drawn from what is"
    yield "# written here. `quantiles` stand where no family was near enough."
    yield f"name: {json.dumps(frame.name, ensure_ascii=False)}"
    yield f"about: {json.dumps(frame.about or f'Fitted to {frame.source}', ensure_ascii=False)}"
    yield f"start: {frame.start}{frame.calendar}"
    yield f"time_zone: {frame.time_zone}{frame.calendar}"
    yield f"horizon: {frame.horizon}{frame.calendar}"
    yield ""


def _people(fit: Fit, frame: Frame) -> Iterator[str]:
    yield "users:"
    sessions = {agent.name: agent.sessions for agent in fit.agents}
    opened = sum(sessions[people.agent] for people in fit.people)
    for people in fit.people:
        yield from _group(people, sessions[people.agent], opened, frame)
    yield ""


def _group(people: PeopleFit, sessions: int, opened: int, frame: Frame) -> Iterator[str]:
    yield f"  - agent: {people.agent}"
    yield f"    name: {people.agent}"
    share = f"{sessions:,} of the {_counted(opened, 'session')}"
    days = people.sessions_per_day
    if days is None:
        mean = frame.sessions_per_day * sessions / opened
        yield "    count: 1 # assumption"
        yield f"    # assumption: {frame.sessions_per_day:g} sessions a day in all; {share} are of this kind"
        yield f"    sessions_per_day: {{poisson: {{mean: {mean:.4g}}}}}"
    elif days.family == "poisson":
        yield f"    count: {PEOPLE} # assumption: so many that no session waits for another to end"
        yield f"    # {share}; poisson: KS {days.ks:.3f} of {_counted(days.count, 'day')}, mean {days.mean:.4g} a day"
        yield f"    sessions_per_day: {{poisson: {{mean: {days.mean / PEOPLE:.4g}}}}}"
    else:
        yield "    count: 1 # assumption"
        yield from _line("    ", "sessions_per_day", days, note=share)
    yield from _line("    ", "requests", people.requests, per="session")
    yield from _line("    ", "think", people.think_us, span=True) if people.think_us else [NO_THINK]
    yield from (f"    {line}" for line in frame.people)


def _agents(fit: Fit) -> Iterator[str]:
    for agent in fit.agents:
        yield from _agent(agent)
    yield ""


def _agent(agent: AgentFit) -> Iterator[str]:
    pad = "    "
    yield f"  {agent.name}: # {_counted(agent.calls, 'call')} of {_counted(agent.sessions, 'session')}"
    yield f"{pad}role: {agent.role}"
    yield f"{pad}base: {tokens(agent.base)} # what stays when contexts are cut or is read at the start, else the least"
    if agent.history:
        read = ", and what the first steps read beyond the usual, counted as there from the start"
        yield f"{pad}# first prompts beyond base and message{read if agent.reads_in else ''}"
        yield from _line(pad, "history", agent.history)
    yield from _line(pad, "message", agent.message) if agent.message else []
    if agent.first_turns:
        yield from _line(pad, "first_turns", agent.first_turns, per="request", note="of the first request of a session")
    yield from _line(pad, "turns", agent.turns, per="request")
    most = max(found.quantiles[-1][1] for found in (agent.turns, agent.first_turns) if found)
    yield from [f"{pad}step_cap: {most} # the most that was seen"] if most > LEAST_CAP else []
    yield from _line(pad, "output", agent.output)
    if agent.reasoning:
        yield from _line(pad, "reasoning", agent.reasoning)
        yield f"{pad}reasoning_kept: {'keep' if agent.keeps_reasoning else 'drop'}"
    yield from _tools(agent)
    yield from _line(pad, "result", agent.returned, note="assumption: a child returns its last answer") \
        if agent.returned else []  # fmt: skip
    yield from _compact(agent)
    yield f"{pad}misses: # share of the history in the tokens that were sent before, and lost within the time to live"
    yield f"{pad}  user_turn: {_percent(agent.user_miss)}"
    yield f"{pad}  tool_turn: {_percent(agent.tool_miss)}"
    if agent.spawns:
        yield f"{pad}spawn:"
        for spawn in agent.spawns:
            yield from _spawn(spawn)


def _tools(agent: AgentFit) -> Iterator[str]:
    if agent.result is None and agent.time_us is None:
        return
    yield "    tools: # one for each step: what the context grows by beyond the answer before, the time between calls"
    yield from _line("      ", "result", agent.result) if agent.result else ["      result: 0"]
    yield from _line("      ", "time", agent.time_us, span=True) if agent.time_us else []


def _compact(agent: AgentFit) -> Iterator[str]:
    seen = agent.compacting
    if seen is None:
        return
    yield f"    compact: # {seen.seen:,} seen"
    yield f"      at: {tokens(seen.at)} # where sessions come to the tokens they were seen with"
    if seen.summary:
        yield from _line("      ", "summary", seen.summary)
    else:
        yield "      summary: 1 # assumption: what a summary took to write was not seen; it is within what stays"
    yield from _line("      ", "restore", seen.left, note="what one goes on with, beyond base and summary")


def _spawn(spawn: Spawning) -> Iterator[str]:
    pad = "        "
    yield f"      - agent: {spawn.child}"
    yield f"{pad}probability: {_percent(spawn.probability, 'turn')}"
    yield from _line(pad, "count", spawn.count)
    yield f"{pad}join: {'wait' if spawn.waits else 'background'}"
    yield from _line(pad, "brief", spawn.brief) if spawn.brief else []


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _percent(share: Share, what: str = "call") -> str:
    return f"{100 * share.value:.4g}% # {_counted(share.of, what)}" if share.of else "0% # not seen"


def _deployments(frame: Frame) -> Iterable[str]:
    return ("deployments:", *(f"  {line}" for line in frame.deployments)) if frame.deployments else ()


# One quantity, and what there is to say of it


def _line(pad: str, name: str, found: Fitted, *, per: str = "", span: bool = False, note: str = "") -> Iterator[str]:
    for text in ([note] if note else []) + [_said(found, span)]:
        yield f"{pad}# {text}"
    yield f"{pad}{name}: {written(found, per, span)}"


def written(found: Fitted, per: str = "", span: bool = False) -> str:
    """Return a quantity as a scenario file has it, in one line of YAML."""
    if found.family == "constant":
        return _number(found.parameters[0][1], span)
    if found.family == "shares":
        parts = ", ".join(f"{{weight: {share:.4g}, constant: {_number(float(value), span)}}}"
                          for value, share in found.parameters)  # fmt: skip
        inner = f"mixture: [{parts}]"
    elif found.family == "quantiles":
        points = ", ".join(f"{level}: {_number(value, span)}" for level, value in found.parameters)
        inner = f"quantiles: {{{points}}}"
    else:
        parts = ", ".join(f"{name}: {_parameter(name, value, span)}" for name, value in found.parameters)
        inner = f"{found.family}: {{{parts}}}"
    clip = f", clip: [{_number(found.clip[0], span)}, {_number(found.clip[1], span)}]" if found.clip else ""
    return f"{{{inner}{clip}{f', per: {per}' if per else ''}}}"


def _parameter(name: str, value: float, span: bool) -> str:
    if name in ("sigma", "shape"):
        return f"{value:.4g}"
    return _number(value, span) if span or value >= 1000 else f"{value:.4g}"


def _number(value: float, span: bool) -> str:
    return duration(value) if span else tokens(value)


def tokens(value: float) -> str:
    """Return a number to four digits, in thousands where that is shorter."""
    whole = round(value)
    if whole < 1000 or whole != value:
        return f"{value:.4g}" if value < 10_000 else f"{value / 1000:.4g}k" if value < 1e6 else f"{value / 1e6:.4g}M"
    return f"{whole / 1000:.4g}k" if whole >= 10_000 else str(whole)


def duration(us: float) -> str:
    """Return microseconds to four digits in the largest unit that leaves at least one."""
    for unit, size in (("d", US_PER_DAY), ("h", US_PER_HOUR), ("m", US_PER_MINUTE), ("s", US_PER_S), ("ms", 1000)):
        if us >= size:
            return f"{us / size:.4g}{unit}"
    return f"{round(us)}us" if us else "0s"


def _said(found: Fitted, span: bool) -> str:
    """Return what a reader needs to judge the figure."""
    if found.family == "constant":
        return f"always so, seen {_counted(found.count, 'time')}"
    next_one = _next(found)
    quantiles = ", ".join(_quantiles(found, span))
    return f"{found.family}: KS {found.ks:.3f} of {found.count:,}{next_one}; {quantiles}"


def _next(found: Fitted) -> str:
    if found.family in AS_SEEN:
        nearest = min(found.rivals, key=lambda rival: rival.ks, default=None)
        return f"; nearest {nearest.family} (KS {nearest.ks:.3f})" if nearest else ""
    others: Sequence[str] = [
        f"; AIC {rival.aic - found.rivals[0].aic:,.0f} below {rival.family}" for rival in found.rivals[1:2]
    ]
    return "".join(others)


def _quantiles(found: Fitted, span: bool) -> Iterator[str]:
    seen = dict(found.quantiles)
    for level in SHOWN:
        if level in seen:
            drawn = quantile(found.law, level)
            yield f"p{100 * level:g} {_number(seen[level], span)} ({_number(drawn, span)})"
    yield f"mean {_number(found.mean, span)} ({_number(found.law.moment(1), span)})"

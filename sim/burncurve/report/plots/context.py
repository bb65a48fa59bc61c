"""The sawtooth: context of the sessions over their calls, the longest session of a root task in front."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from burncurve.report.findings import context_finding
from burncurve.report.numbers import shortened, tokens
from burncurve.report.plots.marks import EndLabel, end_labels, panel_title, token_axis
from burncurve.report.plots.sheet import NOTHING_IN, Layout, Sheet, panels, sheet, width_in
from burncurve.report.plots.tokens import dearest
from burncurve.report.style import BLUE, GREEN, INK, ORANGE, PINK, QUIET, SKY, SMALL_PT
from burncurve.studies.curves import PictureData, SessionCurve, Sessions

MAIN = BLUE
AGENT_COLOURS = (ORANGE, GREEN, PINK, SKY, QUIET)
ROOM_ABOVE = 1.12


def context(data: PictureData) -> Sheet:
    """Draw the sessions of the dearest deployment: the longest one, and the others beside it on the same scale."""
    part = dearest(data)
    main, subtitle = part.sessions.main, _subtitle(data, part.name)
    if main is None:
        return sheet(context_finding("", 0, 0, 0), subtitle, NOTHING_IN)
    peak_tokens = int(main.context_tokens.max())
    compactions, any_peak_tokens = len(main.compactions), part.sessions.peak_tokens
    title = context_finding(main.agent, peak_tokens, _length(main), compactions, any_peak_tokens)
    paper = sheet(title, subtitle)
    last = int(main.context_tokens[-1])
    end, names = EndLabel(last, f"end {tokens(last)}", MAIN, bold=True), _names(part.sessions.others)
    top = ROOM_ABOVE * max(1, *(int(curve.context_tokens.max()) for curve in (main, *part.sessions.others)))
    if not part.sessions.others:
        own = panels(paper, Layout(right_in=1.6, bottom_in=0.8))[0]
    else:
        right_in = max(width_in(label.text, SMALL_PT, bold=True) for label in (end, *names)) + 0.55
        layout = Layout(1, 2, 0.85, 0.85, right_in=right_in, bottom_in=0.8, panel_title_in=0.3, shares=(1.9, 1))
        own, others = panels(paper, layout)
        _others(others, part.sessions, top)
        end_labels(others, names)
        panel_title(own, f"longest session: {shortened(main.agent)}", MAIN)
    _main(own, main)
    _scale(own, _length(main), top)
    end_labels(own, [end])
    return paper


def _main(axes: Axes, curve: SessionCurve) -> None:
    calls = range(1, len(curve.context_tokens) + 1)
    few = len(curve.context_tokens) <= 40
    axes.plot(
        calls, curve.context_tokens, color=MAIN, linewidth=2.2, zorder=4,
        marker="o" if few else None, markersize=5, clip_on=not few,
    )  # fmt: skip
    marks = curve.compactions[curve.compactions > 0]
    if len(marks):
        axes.plot(marks, curve.context_tokens[marks - 1], "v", color=INK, markersize=8, clip_on=False, zorder=5)
        axes.annotate(
            "compaction", (marks[0], curve.context_tokens[marks[0] - 1]), (-6, 11), textcoords="offset points",
            color=INK, fontsize=SMALL_PT, ha="left", zorder=5,
        )  # fmt: skip


def _others(axes: Axes, sessions: Sessions, top: float) -> None:
    _faint(axes, sessions.others)
    _scale(axes, max(map(_length, sessions.others)), top, ticks=4)
    count = sessions.count - 1
    drawn = "" if count == len(sessions.others) else f", {len(sessions.others)} drawn"
    panel_title(axes, f"{count:,} other session{'s' if count > 1 else ''}{drawn}", INK)


def _faint(axes: Axes, others: Sequence[SessionCurve]) -> None:
    colours = _colours(others)
    for curve in others:
        calls = range(1, len(curve.context_tokens) + 1)
        few = len(curve.context_tokens) == 1
        axes.plot(
            calls, curve.context_tokens, color=colours[curve.agent], linewidth=1.0, alpha=0.45,
            marker="o" if few else None, markersize=4, clip_on=not few,
        )  # fmt: skip


def _colours(others: Sequence[SessionCurve]) -> dict[str, str]:
    agents = sorted({curve.agent for curve in others})
    return {agent: AGENT_COLOURS[place % len(AGENT_COLOURS)] for place, agent in enumerate(agents)}


def _names(others: Sequence[SessionCurve]) -> list[EndLabel]:
    """Return each agent's name at the end of its longest session; beside the panel, where it covers no line."""
    labels = []
    for agent, colour in _colours(others).items():
        longest = max((curve for curve in others if curve.agent == agent), key=_length)
        labels.append(EndLabel(int(longest.context_tokens[-1]), shortened(agent, 16), colour, bold=True))
    return labels


def _scale(axes: Axes, calls: int, top: float, ticks: int = 6) -> None:
    axes.set_xlim(1, max(2, calls))
    axes.set_ylim(0, top)
    axes.xaxis.set_major_locator(MaxNLocator(ticks, integer=True, steps=(1, 2, 5, 10)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    axes.set_xlabel("calls of the session")
    token_axis(axes)


def _length(curve: SessionCurve) -> int:
    return len(curve.context_tokens)


def _subtitle(data: PictureData, name: str) -> str:
    one = ", first replication" if data.replications > 1 else ""
    return f"Context in tokens after each call, on {shortened(name)}{one} · {data.scenario}"

"""Pictures: which are written, the same bytes twice, and nothing cut off or overlapping, read off the figures."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text

from burncurve.ledger import Kind, Ledger
from burncurve.report.plots import write_pictures
from burncurve.report.plots.bills import bill, fan
from burncurve.report.plots.causes import causes
from burncurve.report.plots.context import context
from burncurve.report.plots.marks import money_ticks, spread, token_text
from burncurve.report.plots.sheet import Sheet, look, sheet
from burncurve.report.plots.tokens import tokens_by_meter
from burncurve.report.style import CAUSE_COLOURS, deployment_look, text_on
from burncurve.studies.curves import Change, PictureData

from .made import HOUR_US, Played, ledger, picture_data, row

LONG = "a deployment with a name that goes on and on, for ever and a day"


def main_call(call: int, output: int, scale: int) -> dict[str, int]:
    compacts = call == 25
    return {
        "end_us": (call + 1) * HOUR_US // 5,
        "kind": Kind.COMPACTION if compacts else Kind.TURN,
        "cache_read": 1_000 * call * scale,
        "cache_write_5m": 900,
        "output": output,
        "reasoning": 40,
        "context_after": 5_000 if compacts else 1_000 * (call + 1),
    }


def short_call(call: int) -> dict[str, int]:
    after = 900 * (call + 1)
    return {
        "end_us": call * HOUR_US,
        "session": 1,
        "depth": 1,
        "agent": 1,
        "input": 800,
        "output": 30,
        "context_after": after,
    }


def work(replications: int, scale: int = 1) -> Ledger:
    """Forty calls of a main session with a compaction, and a short session of a worker, per replication."""
    rows = []
    for replication in range(replications):
        for call in range(40):
            rows.append(row(replication=replication, **main_call(call, 100 + 10 * replication, scale)))
        for call in range(3):
            rows.append(row(replication=replication, **short_call(call)))
    return ledger(*rows, horizon_us=8 * HOUR_US, replications=tuple(range(replications)))


def data(names: list[str], replications: int = 1) -> PictureData:
    """Deployment i costs 3**-i of the first; causes stand in fixed shares, each with a piece."""
    played = []
    for place, name in enumerate(names):
        calls = work(replications)
        amounts = (calls["cache_read"] * 0.5 + calls["output"] * 25.0 + calls["cache_write_5m"] * 6.25) / 1e4 / 3**place
        total = float(amounts.sum()) / replications
        shares = np.arange(1, len(CAUSE_COLOURS) + 1) / sum(range(1, len(CAUSE_COLOURS) + 1))
        split = dict(zip(CAUSE_COLOURS, (total * shares).tolist(), strict=True))
        played.append(Played(name, calls, amounts, split))
    return picture_data("Forty calls", played)


TWELVE = [f"provider-{i}/model-{i}.5" if i % 2 else f"{LONG} {i}" for i in range(12)]
DRAWN = {
    "tokens": tokens_by_meter,
    "context": context,
    "bill": bill,
    "log": lambda shown: bill(shown, log=True),
    "causes": causes,
    "fan": fan,
    "changes": lambda shown: bill(marked(shown)),
}


def marked(shown: PictureData) -> PictureData:
    """Return the data with moments that are marked, close to each other and near both ends, and a day for each hour."""
    told = ((0.1, "the first ends"), (1, "another takes over (one, two)"), (1.2, "and one more"), (7.9, "at last"))
    changes = tuple(Change(round(hours * HOUR_US), text) for hours, text in told)
    return replace(shown, changes=changes, days=tuple(Change(h * HOUR_US, f"{h} Feb") for h in range(1, 8)))


@pytest.fixture(autouse=True)
def styled() -> Iterator[None]:
    with look():
        yield


def texts(paper: Sheet) -> list[Text]:
    paper.figure.canvas.draw()  # type: ignore[no-untyped-call]
    found = [text for text in paper.figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    drawn = {id(label) for axes in paper.figure.axes for label in ticks_in_view(axes)}
    ticks = {id(label) for axes in paper.figure.axes for label in (*axes.get_xticklabels(), *axes.get_yticklabels())}
    return [text for text in found if id(text) not in ticks or id(text) in drawn]


def ticks_in_view(axes: Axes) -> list[Text]:
    found = []
    for axis, (low, high) in ((axes.xaxis, sorted(axes.get_xlim())), (axes.yaxis, sorted(axes.get_ylim()))):
        found += [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    return found


@pytest.mark.parametrize("names", [["opus"], ["opus", "minimax"], TWELVE], ids=["one", "two", "twelve"])
@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_no_text_is_cut_off_and_no_two_overlap(draw: object, names: list[str]) -> None:
    paper = draw(data(names, replications=3))  # type: ignore[operator]
    shown = texts(paper)
    boxes = [text.get_window_extent() for text in shown]
    width, height = paper.figure.canvas.get_width_height()  # type: ignore[attr-defined]
    for text, box in zip(shown, boxes, strict=True):
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height
        assert inside, f"{text.get_text()!r} is cut off: {box}"
    for i, one in enumerate(boxes):
        for j in range(i):
            # Boxes hold room for ascenders; letters touch only where boxes share more than a quarter of a line.
            common = min(one.y1, boxes[j].y1) - max(one.y0, boxes[j].y0)
            beside = min(one.x1, boxes[j].x1) - max(one.x0, boxes[j].x0)
            overlap = beside > 1 and common > 0.25 * min(one.height, boxes[j].height)
            assert not overlap, f"{shown[i].get_text()!r} covers {shown[j].get_text()!r}"


def test_a_line_ends_at_the_total_of_its_ledger() -> None:
    shown = data(["opus", "minimax"])
    lines = [line for line in bill(shown).figure.axes[0].lines if len(line.get_xdata()) > 3]
    ends = [float(line.get_ydata()[-1]) for line in lines]
    assert ends == pytest.approx([part.total for part in shown.deployments])


def test_no_line_of_an_earlier_change_passes_through_what_is_said_of_a_later_one() -> None:
    paper = bill(marked(data(["opus", "minimax"])))
    said = {text.get_text(): text.get_window_extent() for text in texts(paper)}
    axes = paper.figure.axes[0]
    lines = [line.get_window_extent() for line in axes.lines if line.get_linestyle() == "--"]
    labels = [said[change.told] for change in marked(data(["opus"])).changes]
    assert len(lines) == len(labels) == 4
    for number, line in enumerate(lines):
        for other, label in enumerate(labels):
            inside = label.x0 < line.x0 - 1 < line.x0 + 1 < label.x1 and line.y1 > label.y0 + 2
            assert number == other or not inside, (number, other)


def test_too_many_changes_are_not_marked() -> None:
    many = tuple(Change(hour * HOUR_US // 4, f"change {hour}") for hour in range(1, 20))
    paper = bill(replace(data(["opus"]), changes=many))
    assert not any(text.get_text().startswith("change") for text in texts(paper))


def test_the_same_data_give_the_same_bytes_even_with_other_settings(tmp_path: Path) -> None:
    shown = data(["opus", "minimax"], replications=2)
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    names = [path.name for path in write_pictures(first, shown)]
    with matplotlib.rc_context({"axes.grid": False, "font.size": 30, "lines.linewidth": 9, "savefig.dpi": 50}):
        write_pictures(second, shown)
    assert names == ["curves.png", "context.png", "bill.png", "causes.png", "bill_fan.png"]
    assert sorted(names) == sorted(path.name for path in first.iterdir())  # nothing is left aside
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes()
        assert b"tEXt" not in (first / name).read_bytes()


def test_a_logarithmic_picture_comes_where_bills_lie_far_apart(tmp_path: Path) -> None:
    names = [path.name for path in write_pictures(tmp_path, data(["a", "b", "c", "d"]))]
    assert names == ["curves.png", "context.png", "bill.png", "causes.png", "bill_log.png"]


def test_unpriced_and_empty_deployments_are_drawn_too(tmp_path: Path) -> None:
    empty = ledger(horizon_us=8 * HOUR_US)
    for played in (
        [Played("a", work(1))],
        [Played("a", empty, np.zeros(0), {})],
        [Played("a", work(1)), Played("b", empty)],
    ):
        assert len(write_pictures(tmp_path, picture_data("work", played))) == 4
    assert write_pictures(tmp_path, picture_data("nothing", [])) == ()


def test_free_calls_give_a_bill_of_nothing(tmp_path: Path) -> None:
    calls = work(2)
    free = picture_data("free", [Played("a", calls, np.zeros(len(calls)), {"output": 0.0})])
    assert len(write_pictures(tmp_path, free)) == 5


def test_hostile_names_do_no_harm(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    names = ["$x_{$ costs $5\n\\frac", "千问 3.5 \U0001f680", "", "w" * 500]
    shown = replace(data(names), scenario="$\\alpha\x00\n" * 100)
    assert len(write_pictures(tmp_path, shown)) == 5
    assert [str(warning.message) for warning in recwarn] == []


def test_a_word_wider_than_the_sheet_is_cut() -> None:
    for title in ("W" * 300, "W" * 300 + " " + "M" * 300, ""):
        paper = sheet(title, "x" * 900)
        width, _ = paper.figure.canvas.get_width_height()  # type: ignore[attr-defined]
        assert all(text.get_window_extent().x1 <= width for text in texts(paper))


def test_the_title_follows_the_figures() -> None:
    def title(shown: PictureData) -> str:
        return bill(shown).figure.texts[0].get_text()

    shown = data(["opus", "minimax"])
    turned = replace(shown, deployments=tuple(reversed(shown.deployments)))
    one = replace(shown, deployments=shown.deployments[:1])
    assert title(shown).startswith("opus costs 3.00× minimax")
    assert title(turned).startswith("opus costs 3.00× minimax")
    assert "per hour" in title(one)


def test_a_title_never_breaks_between_a_number_and_its_unit() -> None:
    for filler in range(60):
        title = "x" * filler + " grows to 15 k tokens in 8 h of work" * 2
        lines = [text.get_text() for text in sheet(title, "").figure.texts]
        assert not [line for line in lines if line.startswith(("k ", "h ", "tokens"))]


def test_labels_keep_their_distance_and_their_order() -> None:
    assert spread([0, 100], 10, 0, 200).tolist() == [0, 100]
    assert spread([50, 50, 50], 10, 0, 200).tolist() == [40, 50, 60]
    assert spread([0, 0], 10, 0, 200).tolist() == [0, 10]
    assert spread([199, 200], 10, 0, 200).tolist() == [190, 200]
    assert spread([], 10, 0, 200).tolist() == []


def _lab(colour: str) -> tuple[float, float, float]:
    """A colour in CIE L*a*b*, where distances are about as large as they look (sRGB, D65; IEC 61966-2-1, CIE 15)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    white = ((0.4124, 0.3576, 0.1805, 0.9505), (0.2126, 0.7152, 0.0722, 1.0), (0.0193, 0.1192, 0.9505, 1.0891))
    x, y, z = ((t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116)
               for t in ((a * r + d * g + e * b) / w for a, d, e, w in white))  # fmt: skip
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def test_twelve_deployments_look_different_and_percentages_can_be_read() -> None:
    looks = [deployment_look(place) for place in range(12)]
    assert len({look.marker for look in looks}) == 12
    colours = [_lab(look.colour) for look in looks]
    # 2.3 is just noticeable side by side; lines apart from each other need several times as much
    assert min(math.dist(one, other) for one, other in combinations(colours, 2)) > 20
    assert text_on("#000000") == "#ffffff"
    assert text_on("#ffffff") == "#1a1a1a"


def test_axes_write_no_more_digits_than_they_need() -> None:
    assert [token_text(value) for value in (0, 500, 20_000, 2_500_000)] == ["0", "500", "20 k", "2.5 M"]
    assert money_ticks(0.31, "USD", 4)[1] == ["$0.00", "$0.10", "$0.20", "$0.30"]
    assert money_ticks(31, "USD", 4)[1] == ["$0", "$10", "$20", "$30"]
    assert money_ticks(0.0011, "EUR", 4)[1] == ["€0.0000", "€0.0005", "€0.0010"]


def test_matplotlib_is_imported_only_when_a_picture_is_drawn() -> None:
    code = "import sys, burncurve.report.plots; print('matplotlib' in sys.modules)"
    path = ":".join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": path}
    )
    assert done.stdout.strip() == "False"


def test_matplotlib_of_a_command_comes_without_lists_of_properties_and_makes_them_again_later() -> None:
    code = """
from burncurve.report.plots import import_quickly
import_quickly()
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
import matplotlib.artist as artists
listed = "markevery" in (Line2D.set.__doc__ or "")
print(listed, "markevery" in artists.kwdoc(Line2D), Axes.plot.__doc__.startswith("Plot y"))
artists.Artist._update_set_signature_and_docstring.__func__(Line2D)
assert "markevery" in Line2D.set.__doc__
Line2D([], []).set(markevery=2, color="red")
"""
    path = str(Path(__file__).parents[2] / "sim")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": path}
    )
    assert done.stdout.strip() == "False True True"


def test_what_has_nothing_to_show_is_a_sentence_and_no_axes() -> None:
    empty = ledger(horizon_us=8 * HOUR_US)
    nothing = picture_data("quiet", [Played(name, empty, np.zeros(0), {}) for name in ("a", "b", "c")])
    with look():
        for draw in (tokens_by_meter, context, bill, causes):
            figure = draw(nothing).figure
            assert figure.axes == []
            assert 1 <= len(figure.texts) <= 3


def test_small_shares_carry_their_figure() -> None:
    parts = {"history_reread": 0.7, "output": 0.25, "miss": 0.05}
    calls = work(1)
    made = picture_data("shares", [Played("a", calls, np.full(len(calls), 1 / len(calls)), parts)])
    with look():
        figure = causes(made).figure
        assert {"70%", "25%", "5%"} <= {text.get_text() for axes in figure.axes for text in axes.texts}


def test_the_amount_beside_a_bar_is_the_bill_and_no_sum_of_rounded_parts() -> None:
    made = data(["one"])
    part = replace(made.deployments[0], causes=(("output", 31.51),), total=31.515)
    amounts = causes(replace(made, deployments=(part,))).figure.axes[0]
    assert "$31.52" in [text.get_text() for text in amounts.texts]


def test_every_share_has_its_figure_in_the_bar_or_below_it() -> None:
    causes_usd = {"history_reread": 60.0, "output": 36.0, "miss": 3.0, "compaction": 0.9, "failed": 0.1}
    made = data(["one", "two"])
    parts = [replace(part, causes=tuple(causes_usd.items())) for part in made.deployments]
    shares = causes(replace(made, deployments=tuple(parts))).figure.axes[1]
    told = [text.get_text() for text in shares.texts]
    assert told == ["60%", "36%", "cache misses 3%, compaction <1%, failed and repeated calls <1%"] * 2

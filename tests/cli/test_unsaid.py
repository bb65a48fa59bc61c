"""What logs leave unsaid, some times and all sessions, is filled alike by every command, and told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from burncurve.importers.observed import Observed
from burncurve.studies import observing
from burncurve.words import US_PER_S

Call = Callable[..., Result]

# In a session the second call has no time, in another the first; a third session has none. Two days in all.
SOME = """model,session,time,input,output
claude-opus-4-6,a,2026-06-01T10:00:00Z,1000,5
claude-opus-4-6,a,,2000,5
claude-opus-4-6,a,2026-06-01T12:00:00Z,3000,5
claude-opus-4-6,b,,1000,5
claude-opus-4-6,b,2026-06-02T10:00:00Z,2000,5
claude-opus-4-6,c,,1000,5
"""
NOTE = "3 of 6 calls have no time"
FIRST_US = 1_780_308_000 * US_PER_S  # 2026-06-01T10:00 UTC
HOUR_US = 3_600 * US_PER_S


@pytest.fixture
def some(tmp_path: Path) -> Path:
    path = tmp_path / "some.csv"
    path.write_text(SOME)
    return path


def test_a_call_without_a_time_has_that_of_its_neighbour_else_the_last_one_of_the_log(some: Path) -> None:
    observed: Observed = observing.observed_in([some])
    hours = [0, 0, 2, 24, 24]
    assert ((observed.asked_us(-1)[:5] - FIRST_US) / HOUR_US).tolist() == hours
    assert observed.asked_us(-1)[5] == -1
    turns = observing.seen(observed).turns
    assert ((turns.start_us - FIRST_US) / HOUR_US).tolist() == [*hours, 24]
    assert turns.prompt.tolist() == [1000, 2000, 3000, 1000, 2000, 1000]


def test_one_record_without_a_time_moves_neither_the_start_nor_the_end_of_a_replay(call: Call, some: Path) -> None:
    done = call("replay", some, "--format", "json", "--no-pictures")
    found = json.loads(done.stdout)
    assert found["start_utc"].startswith("2026-06-01T10:00")
    assert found["scenario"]["horizon_s"] == 2 * 86_400
    assert found["replay"]["calls"] == {"logged": 6, "replayed": 6}
    assert found["replay"]["usd"]["difference"] == pytest.approx(0, abs=1e-9)
    assert any(NOTE in note for note in found["notes"])


def test_it_neither_moves_those_of_a_fit(call: Call, some: Path) -> None:
    done = call("fit", some, "-o", "fitted.yaml", "--no-pictures")
    assert done.exit_code == 0, done.stderr
    assert NOTE in done.stderr
    lines = Path("fitted.yaml").read_text().splitlines()
    assert any(line.startswith("start: 2026-06-01T00:00 ") for line in lines)
    assert any(line.startswith("horizon: 2d ") for line in lines)


def test_nor_those_of_an_import_that_is_explained(call: Call, some: Path) -> None:
    kept = call("import", some, "--out", "kept")
    assert NOTE in kept.stderr
    assert json.loads(call("explain", "kept", "--format", "json").stdout)["scenario"]["horizon_s"] < 25 * 3_600


def test_calls_of_which_only_the_end_is_known_have_times(call: Call, tmp_path: Path) -> None:
    rows = [f"claude-opus-4-6,{n},{1_790_000_000 + 9_000 * n},100,50" for n in range(24)]
    (tmp_path / "ends.csv").write_text("\n".join(("model,session,end,input,output", *rows)))
    done = call("backtest", tmp_path / "ends.csv", "--replications", "2", "--engine", "reference", "--format", "json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["later"]["sessions"] == 12


def test_a_log_without_any_time_has_an_error_in_dollars(call: Call, tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text(
        "model,session,input,output\nclaude-opus-4-6,a,1000,5\nclaude-opus-4-6,b,2000,5\n"
    )
    found = json.loads(call("replay", tmp_path / "none.csv", "--format", "json", "--no-pictures").stdout)
    assert found["replay"]["usd"]["logged"] == pytest.approx((3_000 * 5 + 10 * 25) / 1e6)
    assert found["replay"]["usd"]["difference"] == pytest.approx(0, abs=1e-9)


@pytest.fixture
def sessionless(tmp_path: Path) -> Path:
    """As of a gateway that knows no sessions: 30 calls, of which each but the first finds 9,000 of 10,000 tokens."""
    first, *times = range(1_790_000_000, 1_790_090_000, 3_000)
    rows = [f"claude-opus-4-6,{first},10000,0,50", *(f"claude-opus-4-6,{at},1000,9000,50" for at in times)]
    path = tmp_path / "sessionless.csv"
    path.write_text("\n".join(("model,time,input,cache_read,output", *rows)))
    return path


ALONE = "100% of the calls stand alone in their session, as where a log names no sessions; they read 100% of all"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("replay", "--no-pictures"), "taken from the log and not replayed"),
        (("fit",), "lets them find the base alone"),
        (("backtest", "--replications", "2", "--engine", "reference"), "lets them find the base alone"),
    ],
)
def test_where_no_sessions_are_named_it_is_said_whose_word_the_reads_are(
    call: Call, sessionless: Path, words: tuple[str, ...], told: str
) -> None:
    done = call(words[0], sessionless, *words[1:])
    (note,) = [line for line in done.stderr.splitlines() if ALONE in line]
    assert told in note


def test_it_is_not_said_of_sessions_that_are_named_nor_where_replays_begin_cold(call: Call, sessionless: Path) -> None:
    assert "stand alone" not in call("replay", sessionless, "--no-pictures", "--cold").stderr
    lines = sessionless.read_text().splitlines()
    named = [f"{line},{number // 6 if number else 'session'}" for number, line in enumerate(lines)]
    sessionless.write_text("\n".join(named))
    done = call("replay", sessionless, "--no-pictures")
    assert done.exit_code == 0
    assert "stand alone" not in done.stderr


def test_sessions_that_are_parents_in_a_circle_are_replayed_and_fitted_as_spawned_by_nobody(
    call: Call, tmp_path: Path
) -> None:
    """One stands in its own circle, two in another, and a fourth hangs from these: that one keeps its parent."""
    circle = tmp_path / "circle.csv"
    rows = [
        f"claude-opus-4-6,10,1,{who},{by},{1_790_000_000 + n}" for n, (who, by) in enumerate(("ab", "ba", "cc", "da"))
    ]
    circle.write_text("\n".join(("model,input,output,session,parent,time", *rows)))
    turns = observing.seen(observing.observed_in([circle])).turns
    assert turns.parent.tolist() == [-1, -1, -1, 0]
    told = "3 sessions have themselves among the parents of their parents: taken as spawned by nobody"
    replayed = call("replay", circle, "--no-pictures", "--format", "json")
    found = json.loads(replayed.stdout)
    assert found["replay"]["calls"] == {"logged": 4, "replayed": 4}
    assert told in found["notes"]
    fitted = call("fit", circle, "-o", "fitted.yaml", "--no-pictures")
    assert fitted.exit_code == 0, fitted.stderr
    assert told in fitted.stderr

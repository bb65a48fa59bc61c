"""Every wrong input gives place, value, rule and remedy, all of them at once, and never a traceback."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from burncurve.errors import InputError, Problem
from burncurve.scenario import read
from burncurve.scenario.models import Scenario

ProblemsOf = Callable[..., list[Problem]]

CHANGES = [
    # what is replaced, by what, line, what the message says, what the remedy says
    ("role: lead\n", "role: lead\n    widow: 3k\n", 8, "unknown field 'widow'", "did you mean window?"),
    ("base: 20k", "bse: 20k", 8, "unknown field 'bse'", "did you mean base?"),
    ("base: 20k\n", "\n", 6, "needs the field base", "add a line base"),
    ("base: 20k", "base: 20q", 8, "'20q' has the unknown unit 'q'", "17.6k"),
    ("base: 20k", "base: -3", 8, "-3 must not be negative", "17.6k"),
    ("base: 20k", "base: .nan", 8, "nan must be a number", "17.6k"),
    ("base: 20k", "base: .inf", 8, "inf must be a number", "17.6k"),
    ("base: 20k", "base: 1e400", 8, "'1e400' is above 2^62", "17.6k"),
    ("base: 20k", "base: [1, 2]", 8, "must be a number, a text with a unit", ""),
    ("base: 20k", "base: true", 8, "True", ""),
    ("base: 20k", "base: 20k\n    base: 30k", 9, "repeats the key 'base', first given in line 8", "keep one"),
    ("horizon: 8h", "horizon: 0", 4, "horizon: 0 must be above 0", "its unit, for example 8h"),
    ("horizon: 8h", "horizon: 8", 4, "8 has no unit", "8h"),
    ("horizon: 8h", "horizon: 9000d", 4, "longer than five years", "typical part"),
    ("name: small", "name: 12", 1, "12 must be text", "quotes"),
    ("start: 2026-11-02T09:00", "start: tomorrow", 2, "'tomorrow' must be a local date", ""),
    ("start: 2026-11-02T09:00", "start: 2026-11-02T09:00+01:00", 2, "local date", "time_zone"),
    ("Europe/Berlin", "Europe/Berln", 3, "'Europe/Berln' is no time zone", "did you mean Europe/Berlin?"),
    ("Europe/Berlin", "../../etc/passwd", 3, "is no time zone", "Europe/Berlin"),
    ("09:30-16:00", "16:00-09:30", 19, "'16:00-09:30' must close after it opens", "24:00"),
    ("09:30-16:00", "9h", 19, "hours of the day", ""),
    ("09:30-16:00", "09:30-25:00", 19, "00:00 to 24:00", ""),
    ("mon-fri", "mon-fry", 19, "unknown day 'fry'", ""),
    ("every: 30m", "every: -5m", 19, "must not be negative", "8h"),
    ("every: 30m", "every: 1us", 19, "would arrive 28,800,000,000 times", "less often"),
    ("every: 30m", "every: 30m, once: true", 19, "gives once and every", "exactly one"),
    ("every: 30m, ", "", 19, "says not when it arrives", "exactly one"),
    ("session: main, ", "", 19, "acts on a shared session", "session"),
    ("overlap: skip", "overlap: skp", 19, "must be 'queue', 'skip' or 'coalesce'", "did you mean skip?"),
    ("{agent: lead, session", "{agent: leda, session", 19, "nobody defined the agent 'leda'", "did you mean lead?"),
    ("agent: worker", "agent: worcer", 13, "nobody defined the agent 'worcer'", "did you mean worker?"),
    ("shell: 0.7", "shel: 0.7", 12, "nobody defined the tool 'shel'", "did you mean shell?"),
    ("shell: 0.7", "shell: 0.5", 12, "adds up to 0.8, not to 1", "share"),
    ("{lead: anthropic/claude-opus-4.6, ", "{", 21, "roles lack lead", "add `lead: provider/model`"),
    ("cache: {lead: 1h}", "cache: {laed: 1h}", 21, "nobody defined the role 'laed'", "did you mean lead?"),
    ("cache: {lead: 1h}", "cache: 2h", 21, "'2h' must be 'off', '5m' or '1h'", "1h"),
    ("minimax/minimax-m2.5", "minimax-m2.5", 21, "must be an offer written provider/model", "anthropic/"),
    ("clip: [1, 40]", "clip: [40, 1]", 9, "clip [40, 1]", ""),
    ("{lognormal: {median: 5, sigma: 0.5}", "{lognormol: {median: 5}", 9, "unknown field 'lognormol'", "lognormal"),
    ("sigma: 0.5", "sigma: 0.5, mean: 3", 9, "unknown field 'mean'", "mean"),
    ("at: 160k", "at: 260k", 11, "260,000 is above the window", "lower it"),
    ("at: 160k, keep: 20k", "at: 20k, keep: 1k", 11, "not above the base alone, 20,000", "raise it"),
    ("keep: 20k", "keep: 160k", 11, "160,000 is not below at, 160,000", "keep less"),
    ("count: 3", "count: 3, depth: 0", 13, "0 must be at least 1", ""),
    ("tools: {mix", "tools: {calls: 65, mix", 12, "above 64", "more turns"),
    ("tools: {mix", "tools: {result: 5, mix", 12, "both mix and result", ""),
    ("p95(bill_usd) < 40", "p95(bill_us) < 40", 22, "unknown figure 'bill_us'", "did you mean bill_usd?"),
    (
        "p95(bill_usd) < 40",
        "p96(bill_usd) < 40",
        22,
        "unknown statistic 'p96'",
        "known are mean, p10, p50, p90, p95, p99",
    ),
    ("p95(bill_usd) < 40", "p95(reread_factor) < 40", 22, "only the mean is known", "mean(reread_factor)"),
    ("p95(bill_usd) < 40", "cheap", 22, "must read as a statistic", "write for example p95(bill_usd) < 40"),
    *(
        ("cache: {lead: 1h}", f"budgets: {budget}", 21, what, remedy)
        for budget, what, remedy in (
            ("{per: day, usd: 5, tokens: 1M}", "budgets.0: counts both dollars and tokens", "two budgets"),
            ("{per: day}", "budgets.0: says not how much", "either usd or tokens"),
            ("[{per: run, usd: 5, then: pause}]", "budgets.0.then: a budget per run has no window", "per: day"),
            ("{per: day, usd: 5, then: cheaper}", "budgets.0.then: nobody is named who serves then", "add offer"),
            ("{per: day, usd: 5, offer: a/b}", "budgets.0.offer: does nothing with then: stop", "then: cheaper"),
            ("{per: week, usd: 5}", "must be 'task', 'session', 'day' or 'run'", ""),
            ("{per: day, usd: 5, then: stopp}", "must be 'stop', 'pause', 'cheaper' or 'warn'", "did you mean stop?"),
            ("{per: day, usd: -5}", "-5 must not be negative", "$0.25"),
            ("{per: day, usd: 0}", "0 must be above 0", ""),
            ("{per: day, usd: 5EUR}", "'5EUR' has the unknown unit 'EUR'", "50 or $0.25"),
            ("{per: day, usd: 1e9}", "is above 1,000,000 dollars", "$0.25"),
            ("{per: day, usd: 0.0000000000001}", "has more than 12 decimal places", "round it"),
            ("{per: day, usdd: 5}", "unknown field 'usdd'", "did you mean usd?"),
        )
    ),
    ("deployments:", "deploymnts:", 20, "unknown field 'deploymnts'", "did you mean deployments?"),
]


@pytest.mark.parametrize(("old", "new", "line", "what", "remedy"), CHANGES, ids=[change[1] for change in CHANGES])
def test_one_wrong_thing(
    right: str, problems_of: ProblemsOf, old: str, new: str, line: int, what: str, remedy: str
) -> None:
    assert old in right
    problems = problems_of(right.replace(old, new, 1))
    problem = next((p for p in problems if what in p.what), None)
    assert problem is not None, problems
    assert problem.where.startswith(f"scenario.yaml:{line}:"), problem
    assert remedy in problem.remedy
    related = [p for p in problems if p is not problem and not p.what.startswith(problem.what.partition(":")[0])]
    assert all("needs the field" in p.what or "nobody defined" in p.what or "unserved" in p.what for p in related)


def test_the_right_file_is_right(right: str, scenario_of: Callable[..., Scenario]) -> None:
    assert scenario_of(right).name == "small"


def test_all_errors_of_a_file_come_at_once_in_its_order(right: str, problems_of: ProblemsOf) -> None:
    wrong = right
    for old, new in [
        ("base: 20k", "base: -1"),
        ("horizon: 8h", "horizon: 0"),
        ("role: lead\n", "role: lead\n    widow: 1\n"),
        ("agent: worker", "agent: worcer"),
        ("shell: 0.7", "shel: 0.7"),
        ("{agent: lead, session", "{agent: leda, session"),
        ("mon-fri", "mon-fry"),
        ("p95", "p96"),
        ("  shell: {", "  web: 5\n  shell: {"),
    ]:
        assert old in wrong
        wrong = wrong.replace(old, new, 1)
    problems = problems_of(wrong)
    lines = [int(problem.where.split(":")[1]) for problem in problems]
    assert lines == sorted(lines)
    assert lines == [4, 8, 9, 13, 14, 17, 19, 21, 21, 24]


def test_a_place_points_at_the_value(right: str, problems_of: ProblemsOf) -> None:
    (problem,) = problems_of(right.replace("base: 20k", "base: -3"))
    assert problem.where == "scenario.yaml:8:11"
    assert problem.what.startswith("agents.lead.base: -3 must not be negative")


def test_nothing_starts(right: str, problems_of: ProblemsOf) -> None:
    without = "\n".join(line for line in right.splitlines() if "triggers" not in line and "every" not in line)
    (problem,) = problems_of(without)
    assert "nothing would start" in problem.what


def _refused(path: Path) -> Problem:
    with pytest.raises(InputError) as caught:
        read(path)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"# nothing\n", "is empty"),
        (bytes(range(256)) * 10, "is not UTF-8 text"),
        (b"\x89PNG\r\n\x1a\n\0\0", "is not UTF-8 text (byte 0x00)"),
        ("name: café".encode("latin-1"), "is not UTF-8 text (byte 0xe9)"),
        ("name: x".encode("utf-16"), "is not UTF-8 text"),
        (b"just words", "no mapping of fields"),
        (b"- a\n- b\n", "no mapping of fields"),
        (b"5", "no mapping of fields"),
    ],
)
def test_files_that_hold_no_scenario(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    problem = _refused(path)
    assert what in problem.what
    assert problem.where.startswith(str(path))
    assert problem.remedy


def test_the_place_of_a_wrong_byte(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"name: a\nabout: caf\xe9\n")
    assert _refused(path).where == f"{path}:2:11"


def test_a_byte_order_mark_is_no_error(tmp_path: Path, right: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + right.encode())
    assert read(path).name == "small"


def test_50_megabytes_are_refused_by_size_and_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "big.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    monkeypatch.setattr("burncurve.scenario.tree.parse", lambda *_: pytest.fail("it was parsed"))
    assert "50,000,000 bytes" in _refused(path).what


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "stock-monitor.yaml").write_text("x")
    missing = _refused(tmp_path / "stok-monitor.yaml")
    assert missing.what == "no such file"
    assert missing.remedy == f"did you mean {tmp_path / 'stock-monitor.yaml'}?"
    assert "folder" in _refused(tmp_path).what
    assert "does not exist" in _refused(tmp_path / "no" / "x.yaml").remedy
    assert "regular file" in _refused(Path(os.devnull)).what
    assert "no such file" in _refused(Path("a\0b")).what


def _said(problems: list[Problem]) -> list[str]:
    return [problem.what.partition(":")[0] for problem in problems]


def test_a_wrong_field_hides_nothing_between_the_fields(right: str, problems_of: ProblemsOf) -> None:
    text = right.replace("horizon: 8h", "horizon: 0").replace("every: 30m, ", "")
    text = text.replace("agent: worker, on_turn: 1, count: 3", "agent: lead, count: 3")
    text = text.replace("{lead: anthropic/claude-opus-4.6, ", "{").replace("cache: {lead: 1h}", "")
    expected = ["horizon", "agents.lead.spawn.0", "triggers.0", "deployments.d.roles lack lead"]
    assert _said(problems_of(text)) == expected


def test_a_wrong_role_hides_no_other_that_is_unserved(right: str, problems_of: ProblemsOf) -> None:
    text = right.replace("role: lead\n", "role: [1]\n").replace("worker: minimax/minimax-m2.5", "")
    assert _said(problems_of(text)) == ["agents.lead.role", "deployments.d.roles lack worker"]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("every: 30m", "every: soon", "triggers.0.every"),
        ("session: main", "session: [1]", "triggers.0.session"),
        ("{agent: lead, session", "{agent: [1], session", "triggers.0.agent"),
        ("role: lead\n", "role: [1]\n", "agents.lead.role"),
        ("shell: 0.7", "shell: many", "agents.lead.tools.mix.shell"),
        ("window: 200k", "window: wide", "agents.lead.window"),
        ("{lead: anthropic/claude-opus-4.6", "{lead: opus", "deployments.d.roles.lead"),
        ("agent: worker, on_turn: 1, count: 3", "agent: lead, count: 3, depth: no", "agents.lead.spawn.0.depth"),
        ("time: 2s", "time: 2q", "tools.shell.time"),
        ("[p95(bill_usd) < 40]", "[cheap]", "thresholds.0"),
    ],
)
def test_a_stand_in_makes_no_problem(right: str, problems_of: ProblemsOf, old: str, new: str, place: str) -> None:
    (said,) = _said(problems_of(right.replace(old, new)))
    assert said.startswith(place)


def test_a_mistake_in_a_mixture_does_not_make_it_short(right: str, problems_of: ProblemsOf) -> None:
    (problem,) = problems_of(right.replace("base: 20k", "base: {mixture: [{weight: 1, constant: 20q}]}"))
    assert "unknown unit" in problem.what
    (problem,) = problems_of(right.replace("base: 20k", "base: {mixture: []}"))
    assert "at least 1" in problem.what


def test_a_part_that_goes_takes_nothing_else_along(right: str, problems_of: ProblemsOf) -> None:
    text = right.replace("agents:\n", 'agents:\n  "bad name": 5\n  x: [1]\n').replace("every: 30m, ", "")
    assert _said(problems_of(text)) == ["agents.bad name", "agents.x", "triggers.0"]

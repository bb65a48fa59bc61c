"""Whatever is wrong: one clear message, the exit code that says what kind, no traceback, nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest

BAD = [
    (("run", "blackboard", "--seed", "-1"), 2, "--seed"),
    (("run", "blackboard", "--seed", "1.5"), 2, "--seed"),
    (("run", "blackboard", "--seed", str(2**53)), 2, "--seed"),
    (("run", "blackboard", "--replications", "0"), 2, "--replications"),
    (("run", "blackboard", "--replications", "1000000000"), 2, "--replications"),
    (("run", "blackboard", "--deployment", "opas"), 2, "Did you mean opus?"),
    (("explain", "blackboard", "--deployment", "opas", "--no-pictures", "--out", "x"), 2, "Did you mean opus?"),
    (("run", "blackboard", "--format", "xml"), 2, "'table', 'json', 'markdown', 'csv'"),
    (("run", "blackboard", "--engine", "magic"), 2, "'reference'"),
    (("run", "blackboard", "--book", "lost"), 2, "lost"),
    (("run", "blackboard", "--models", "lost/model"), 2, "lost/model"),
    (("run", "blackboard", "--models", ","), 2, "empty name"),
    (("run", "blackboard", "--set", "horizon"), 2, "NAME=VALUE"),
    (("run", "blackboard", "--set", "agents.techer.base=1"), 2, "did you mean teacher?"),
    (("run", "blackboard", "--set", "horizon=0s"), 2, "horizon"),
    (("run", "blackboard", "--set", "horizon=soon"), 2, "horizon"),
    (("run", "blackboard", "--set-role", "lead"), 2, "NAME=VALUE"),
    (("run", "blackboard", "--set-role", "a=b/c", "--set-role", "a=b/d"), 2, "more than once"),
    (("run", "blackboard", "--set-role", "nobody=anthropic/claude-opus-4.6"), 2, "nobody"),
    (("run", "blackboard", "--start", "tomorrow"), 2, "YYYY-MM-DDTHH:MM"),
    (("run", "blackboard", "--start", "2026-02-23T09:30+01:00"), 2, "time_zone"),
    (("run", "blackboard", "--as-of", "2026-02-30"), 2, "YYYY-MM-DD"),
    (("run", "blackboard", "--as-of", "2020-01-01", "--out", "x"), 3, "unpriced"),
    (("run", "blackboard", "--start", "2020-01-01", "--out", "x"), 3, "unpriced"),
    (("run", "blackbord"), 2, "Did you mean blackboard?"),
    (("run", "lost.yaml"), 2, "no such file"),
    (("run", "."), 2, "is a folder"),
    (("run", "/dev/null"), 2, "not a regular file"),
    (("run", "x" * 5000), 2, "no such file"),
    (("run", "a\0b"), 2, "no such file"),
    (("run",), 2, "SCENARIO"),
    (("rum",), 2, "Did you mean run?"),
    (("run", "blackboard", "--sed", "1"), 2, "--seed"),
    (("validate", "lost"), 2, "no such file"),
    (("explain", "lost"), 2, "no such file"),
    (("ledger", "lost"), 2, "is not the folder of a burncurve run"),
    (("new", "../escape"), 2, "cannot be the name of a file"),
    (("new", "fine", "--from", "lost"), 2, "no such file"),
    (("prices", "nobody"), 2, "nobody"),
    (("prices", "--to", "2026-01-01"), 2, "--to needs --from"),
    (("prices", "--from", "2026-02-01", "--to", "2026-01-01"), 2, "is before"),
    (("prices", "--from", "2026-02-01", "--on", "2026-01-01"), 2, "give one of them"),
    (("prices", "--from", "2026-02-01", "--as-of", "2026-01-31"), 2, "is after 2026-01-31, the last day known"),
    (("prices", "claude-opus-4.6", "--on", "2020-01-01"), 3, "no price of anthropic/claude-opus-4.6"),
    (("prices", "gpt-5.4", "--region", "eur"), 2, "has prices of its own in eu, us"),
    (("prices", "minimax-m2.5", "--service-tier", "batch"), 3, "no batch price of minimax/minimax-m2.5"),
    (("models", "nobody"), 2, "nobody"),
    (("models", "--from", "yesterday"), 2, "YYYY-MM-DD"),
]


@pytest.mark.parametrize(
    ("words", "code", "says"), BAD, ids=lambda value: " ".join(value)[:50] if isinstance(value, tuple) else None
)
def test_what_is_wrong_is_said_once(call, tmp_path: Path, words: tuple[str, ...], code: int, says: str) -> None:
    ended = call(*words)
    assert ended.exit_code == code, ended.output
    assert says in ended.stderr
    assert "Traceback" not in ended.output
    if code == 2 and "--out" not in words:
        assert list(tmp_path.iterdir()) == []


def test_every_problem_of_a_file_is_said_at_once(call, tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("name: wrong\nhorizon: 0s\ncolour: red\nagents: {}\n")
    ended = call("validate", "wrong.yaml")
    assert ended.exit_code == 2
    for said in ("wrong.yaml:2:10", "wrong.yaml:3:1", "horizon", "colour", "start"):
        assert said in ended.stderr


def test_one_price_missing_leaves_the_others_shown(call) -> None:
    models = "anthropic/claude-opus-4.6,openai/gpt-4o"
    ended = call("compare", "blackboard", "--models", models, "--book", "articles-2026-02", "--no-pictures")
    assert ended.exit_code == 3
    assert "unpriced" in ended.stdout
    assert "$0.3" in ended.stdout
    assert "openai/gpt-4o is unpriced" in ended.stderr


def test_a_deployment_without_a_price_is_found_in_the_file(call, tmp_path: Path) -> None:
    call("new", "mine", "--from", "blackboard", "--quiet")
    lines = (tmp_path / "mine.yaml").read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if text.strip().startswith("minimax:"))
    words = ("mine.yaml", "--replications", "1", "--no-pictures", "--set-role", "worker=openai/gpt-4o")
    ended = call("run", *words, "--deployment", "minimax", "--book", "articles-2026-02")
    assert ended.exit_code == 3
    assert f"mine.yaml:{line}:12: minimax" in ended.stderr
    told = call("run", "mine.yaml", "--models", "openai/gpt-4o", "--book", "articles-2026-02", "--no-pictures").stderr
    assert "burncurve: openai/gpt-4o is unpriced" in told or "\nopenai/gpt-4o is unpriced" in told


def test_a_note_names_an_offer_once(call) -> None:
    ended = call("compare", "blackboard", "--models", "alibaba/qwen-3.5-plus", "--book", "articles-2026-02")
    (note,) = [line for line in ended.stderr.splitlines() if "cache_read is billed as input" in line]
    assert note.count("alibaba/qwen-3.5-plus") == 1, note


def test_too_little_memory_is_one_message(call, monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy() -> None:
        raise MemoryError

    monkeypatch.setattr("burncurve.scenario.schema.schema_text", greedy)
    ended = call("schema")
    assert ended.exit_code == 2
    assert ended.stderr.splitlines()[0] == "burncurve: the memory of this machine was not enough"
    assert "shorter horizon" in ended.stderr


def test_an_unexpected_error_is_one_line_and_debug_shows_where(call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("burncurve.scenario.schema.schema_text", broken)
    ended = call("schema")
    assert (ended.exit_code, "a bug" in ended.stderr, "--debug" in ended.stderr) == (1, True, True)
    assert isinstance(call("schema", "--debug").exception, RuntimeError)


WRONG = """\
name: wrong
start: 2026-13-45T09:00
time_zone: Europe/Berlim
horizon: 8h
agents: {lead: {role: lead, base: -1}}
triggers: [{agent: lead, once: true}, {agent: nobody, once: true}]
deployments:
  opus: {roles: {lead: anthropic/claude-opus-4.66}}
  rich: {roles: {lead: anthropic/claude-opus-4.6}, account: {tier: gold}}
"""


@pytest.mark.parametrize("command", ["validate", "run"])
def test_what_is_wrong_at_one_stage_does_not_hide_the_next(call, tmp_path: Path, command: str) -> None:
    (tmp_path / "wrong.yaml").write_text(WRONG)
    ended = call(command, "wrong.yaml", "--set-role", "lead=zai/glm5")
    assert ended.exit_code == 2
    for said in ("wrong.yaml:2:8", "Europe/Berlim", "wrong.yaml:5:35", "'nobody'", "claude-opus-4.66", "`zai/glm5`"):
        assert said in ended.stderr, ended.stderr


def test_a_tier_that_nobody_sells_is_said_with_all_the_rest(call, tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text(WRONG.replace("2026-13-45T09:00", "2026-02-16T09:00"))
    said = call("validate", "wrong.yaml").stderr
    for wrong in ("wrong.yaml:9:", "no tier `gold`", "Europe/Berlim", "wrong.yaml:5:35", "claude-opus-4.66"):
        assert wrong in said, said


def test_a_wrong_book_does_not_hide_a_wrong_file(call, tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text(WRONG)
    said = call("run", "wrong.yaml", "--book", "lost").stderr
    assert "no such price book" in said
    assert "wrong.yaml:2:8" in said
    said = call("run", "blackboard", "--book", "lost", "--models", "zai/glm5").stderr
    assert "no such price book" in said
    assert "zai/glm5" in said


@pytest.mark.parametrize("planted", [".mine.yaml.part", "mine.yaml"])
def test_a_new_scenario_is_not_written_through_a_link(call, tmp_path: Path, planted: str) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (tmp_path / planted).symlink_to(precious)
    assert call("new", "mine").exit_code == (2 if planted == "mine.yaml" else 0)
    assert precious.read_text() == "mine"
    assert (tmp_path / planted).is_symlink()

"""--strict: what the book does not know is an error, exit code 3, before any figure is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

KNOWN, HALF_KNOWN = "anthropic/claude-opus-4.6", "alibaba/qwen-3.5-plus"
RUN = ("run", "blackboard", "--replications", "1", "--engine", "reference", "--no-pictures", "--models")


def runs(folder: Path) -> list[Path]:
    return list(folder.glob("results/*/*/manifest.json"))


def test_cache_prices_that_the_book_lacks_are_an_error_and_nothing_is_kept(call, tmp_path: Path) -> None:
    told = call(*RUN, HALF_KNOWN, "--strict")
    assert told.exit_code == 3
    assert "book list: alibaba/qwen-3.5-plus: cache_read is billed as input" in told.stderr
    assert "a book of your own may know it" in told.stderr
    assert runs(tmp_path) == []


def test_a_run_that_is_there_already_is_refused_too(call, tmp_path: Path) -> None:
    assert call(*RUN, HALF_KNOWN).exit_code == 0
    assert len(runs(tmp_path)) == 1
    assert call(*RUN, HALF_KNOWN, "--strict").exit_code == 3


@pytest.mark.parametrize(
    "words",
    [
        ("sweep", "blackboard", "--vary", "agents.teacher.base=1k,2k"),
        ("sensitivity", "blackboard", "--vary", "agents.teacher.base=1k:2k", "--trajectories", 2, "--samples", 2),
    ],
)
def test_points_are_held_to_it_too(call, tmp_path: Path, words: tuple[str | int, ...]) -> None:
    told = call(*words, *RUN[2:], HALF_KNOWN, "--strict")
    assert told.exit_code == 3, told.stderr
    assert "book list: alibaba/qwen-3.5-plus: cache_read is billed as input" in told.stderr
    assert runs(tmp_path) == []
    assert call(*words, *RUN[2:], HALF_KNOWN).exit_code == 0
    assert call(*words, *RUN[2:], HALF_KNOWN, "--strict").exit_code == 3, "one that is there already"


def test_logs_and_what_is_played_of_them_are_held_to_it(call, tmp_path: Path) -> None:
    log = {"model": HALF_KNOWN, "time": "2026-02-23T09:00:00Z", "input": 1_000, "cache_read": 500, "output": 10}
    (tmp_path / "log.jsonl").write_text(json.dumps(log) + "\n")
    for words in (("import", "log.jsonl"), ("replay", "log.jsonl", "--no-pictures", "--engine", "reference")):
        told = call(*words, "--strict")
        assert told.exit_code == 3, told.output
        assert "is billed as input, book list has no price for it" in told.stderr
        assert list(tmp_path.glob("results/*/*/*.json")) == []
    assert call("import", "log.jsonl").exit_code == 0


def test_where_everything_is_known_it_changes_nothing(call, tmp_path: Path) -> None:
    strict, plain = (call(*RUN, KNOWN, *more, "--format", "json") for more in (["--strict"], []))
    assert (strict.exit_code, plain.exit_code) == (0, 0)
    assert strict.stdout == plain.stdout
    assert len(runs(tmp_path)) == 1


def in_region(region: str) -> tuple[str, ...]:
    """Return a run of Opus 4.6, which the book knows at a price of its own in the US alone."""
    return (*RUN[:-1], "--set", f"deployments.opus.region={region}", "--deployment", "opus")


def test_a_region_that_the_book_does_not_know_is_an_error(call, tmp_path: Path) -> None:
    told = call(*in_region("moon"), "--strict")
    assert told.exit_code == 3, told.stderr
    assert f"book list has no price of its own in region moon for {KNOWN}" in told.stderr
    assert "known are us" in told.stderr
    assert runs(tmp_path) == []
    assert call(*in_region("us"), "--strict").exit_code == 0
    assert call(*in_region("moon")).exit_code == 0
    assert call(*in_region("moon"), "--strict").exit_code == 3, "one that is there already"


def test_a_region_of_a_point_is_held_to_it_too(call, tmp_path: Path) -> None:
    words = ("sweep", *in_region("us")[1:], "--vary", "deployments.opus.region=us,moon")
    assert call(*words).exit_code == 0
    told = call(*words, "--strict")
    assert told.exit_code == 3, told.stderr
    assert "no price of its own in region moon" in told.stderr


def test_quotas_of_a_plan_that_nobody_publishes_are_an_error(call, tmp_path: Path) -> None:
    words = ("run", "openclaw-plan", "--set", "horizon=1h", *RUN[2:-1])
    told = call(*words, "--strict")
    assert told.exit_code == 3, told.stderr
    assert "plan claude-max-20x: week, Opus 4: a quota in hours of work is not published and not held" in told.stderr
    assert runs(tmp_path) == []
    assert call(*words).exit_code == 0

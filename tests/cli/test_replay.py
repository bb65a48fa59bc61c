"""`replay` on a log small enough to work out by hand."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from burncurve.cli.door import main

# Claude Opus 4.6: 5 dollars per million tokens in, 25 out, 0.5 read, 6.25 written for 5 minutes.
# Session s: 10,000 written; 10 s later 10,500 of which 10,000 are read; 400 s later all 11,000 are written again.
LOG = """model,session,request,time,end,input,cache_read,cache_write_5m,output
claude-opus-4-6,s,1,2026-10-01T10:00:00Z,2026-10-01T10:00:05Z,0,0,10000,200
claude-opus-4-6,s,1,2026-10-01T10:00:15Z,2026-10-01T10:00:20Z,0,10000,500,100
claude-opus-4-6,s,2,2026-10-01T10:07:00Z,2026-10-01T10:07:05Z,0,0,11000,100
"""
WRITTEN, READ, OUTPUT = 21_500, 10_000, 400
USD = (WRITTEN * 6.25 + READ * 0.5 + OUTPUT * 25) / 1e6


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "log.csv"
    path.write_text(LOG)
    return path


def called(*words: str) -> Result:
    return CliRunner().invoke(main, ["replay", *words, "--no-pictures"])


def document(*words: str) -> dict[str, Any]:
    result = called(*words, "--format", "json", "--quiet")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_what_was_logged_is_replayed_without_error_where_nothing_is_left_to_chance(log: Path) -> None:
    error = document(str(log))["replay"]
    assert error["calls"] == {"logged": 3, "replayed": 3}
    assert error["usd"]["logged"] == pytest.approx(USD)
    assert error["usd"]["replayed"] == pytest.approx(USD)
    assert error["usd"]["difference"] == pytest.approx(0, abs=1e-9)
    assert [row["difference"] for row in error["tokens"]] == [0] * len(error["tokens"])
    assert error["cached_share"] == {"logged": READ / 31_500, "replayed": READ / 31_500}


def test_a_longer_cache_reads_across_the_pause(log: Path) -> None:
    deployments = document(str(log), "--models", "anthropic/claude-opus-4.6", "--cache", "1h")["deployments"]
    tokens = deployments[1]["tokens"]
    assert deployments[1]["name"] == "anthropic/claude-opus-4.6"
    assert tokens["cache_read"] == 10_000 + 10_500
    assert tokens["cache_write_1h"] == 11_000


def test_another_model_counts_the_same_text_by_its_own_tokenizer(log: Path) -> None:
    one, other = document(str(log), "--models", "openai/gpt-5.2")["deployments"]
    assert other["calls"] == one["calls"]
    assert other["prompt_tokens"] < one["prompt_tokens"]


def test_all_sellers_of_a_model_are_replayed_by_one_name(log: Path) -> None:
    _, *others = document(str(log), "--models", "*/gpt-5.2,openai/gpt-5.2")["deployments"]
    assert [part["name"] for part in others] == ["openai/gpt-5.2", "azure/gpt-5.2"]


def test_the_folder_of_an_import_is_taken_too(log: Path) -> None:
    assert CliRunner().invoke(main, ["import", str(log), "--out", "kept", "--quiet"]).exit_code == 0
    assert document("kept")["replay"] == document(str(log))["replay"]


def test_a_model_that_is_not_known_is_said_and_another_stands_in(log: Path) -> None:
    log.write_text(LOG.replace("claude-opus-4-6", "claude-opus-4-66"))
    result = called(str(log))
    assert result.exit_code == 3
    assert "has no price of anthropic/claude-opus-4.66" in result.stderr
    assert "the facts of anthropic/claude-opus-4.6 stand in for it (assumption)" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "there is no such file or folder"),
        (["log.csv", "--models", "anthropic/claude-opus-4.66"], "claude-opus-4.6"),
        (["log.csv", "--models", "anthropic/claude-opus-4.6", "--tier", "99"], "no tier `99`"),
        (["empty"], "no call was found"),
        ([], "Missing argument"),
    ],
)
def test_wrong_input_is_told(log: Path, words: list[str], message: str) -> None:
    (log.parent / "empty").mkdir()
    result = called(*words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_a_log_of_a_model_nobody_knows_needs_another_to_replay_it(log: Path) -> None:
    log.write_text(LOG.replace("claude-opus-4-6", "homemade"))
    assert called(str(log)).exit_code == 2
    assert "nothing is known of unknown/homemade" in called(str(log)).stderr
    found = document(str(log), "--models", "anthropic/claude-opus-4.6")
    assert found["replay"]["calls"] == {"logged": 3, "replayed": None}


def test_dollars_are_compared_over_the_calls_that_have_a_price(log: Path) -> None:
    before = document(str(log))["replay"]["usd"]
    assert before["without"] == []
    unpriced = "claude-opus-4-66,other,1,2026-10-01T10:03:00Z,2026-10-01T10:03:05Z,700,0,0,200\n"
    log.write_text(LOG + unpriced)
    result = called(str(log), "--format", "json")
    assert result.exit_code == 3
    error = json.loads(result.stdout)["replay"]
    assert error["usd"] == before | {"without": ["anthropic/claude-opus-4.66"]}
    assert error["calls"] == {"logged": 4, "replayed": 4}
    assert "in dollars, without what has no price: anthropic/claude-opus-4.66" in called(str(log)).stdout


def test_where_nothing_has_a_price_no_dollars_are_compared(log: Path) -> None:
    log.write_text(LOG.replace("claude-opus-4-6", "claude-opus-4-66"))
    error = json.loads(called(str(log), "--format", "json").stdout)["replay"]
    nothing = {"logged": None, "replayed": None, "difference": None}
    assert error["usd"] == nothing | {"without": ["anthropic/claude-opus-4.66"]}


def test_what_a_log_found_in_the_cache_at_first_is_there_in_the_replay_unless_it_is_to_begin_cold(log: Path) -> None:
    """Half of the first prompt was there already; it costs a read then, at the other provider too."""
    log.write_text(LOG.replace(",0,0,10000,200", ",0,5000,5000,200"))
    assert ",0,5000,5000,200" in log.read_text()
    models = ("--models", "anthropic/claude-haiku-4.5")
    warm, cold = document(str(log), *models), document(str(log), *models, "--cold")
    assert warm["replay"]["usd"]["difference"] == pytest.approx(0, abs=1e-9)
    assert [row["difference"] for row in warm["replay"]["tokens"]] == [0] * len(warm["replay"]["tokens"])
    assert [part["tokens"]["cache_read"] for part in warm["deployments"]] == [15_000, 15_000]
    assert [part["tokens"]["cache_read"] for part in cold["deployments"]] == [10_000, 10_000]
    assert cold["replay"]["usd"]["difference"] > 0.1
    assert any("at their first call" in note for note in warm["notes"])
    assert not any("at their first call" in note for note in cold["notes"])


# Claude Sonnet 4.5: 200,000 tokens of context in the catalogue, 3 dollars per million in, 6 beyond 200,000.
LARGE = """model,session,request,time,end,input,output
claude-sonnet-4-5,s,1,2026-06-01T10:00:00Z,2026-06-01T10:00:05Z,150000,1
claude-sonnet-4-5,s,1,2026-06-01T10:01:00Z,2026-06-01T10:01:05Z,300000,1
claude-sonnet-4-5,s,1,2026-06-01T10:02:00Z,2026-06-01T10:02:05Z,320000,90000
claude-sonnet-4-5,s,2,2026-06-01T10:03:00Z,2026-06-01T10:03:05Z,1000,1
"""
TOLD = "the catalogue says a window of 200,000 tokens, the log shows a prompt of 320,000"


def test_what_was_served_is_served_again_whatever_the_catalogue_says_of_its_window(log: Path) -> None:
    log.write_text(LARGE)
    found = document(str(log), "--engine", "reference")
    assert found["replay"]["calls"] == {"logged": 4, "replayed": 4}
    assert [row["difference"] for row in found["replay"]["tokens"]] == [0, 0, 0]
    assert found["replay"]["usd"]["difference"] == pytest.approx(0, abs=1e-9)
    assert found["replay"]["not_made"] == [{"deployment": "as-logged", "did_not_fit": 0, "never_came": 0}]
    longest = "answers of at most 64,000 tokens, the log shows one of 90,000"
    for told in (TOLD, longest):
        assert any(told in note and "anthropic/claude-sonnet-4.5" in note for note in found["notes"])


def test_other_offers_keep_their_windows_and_the_row_says_what_is_missing_in_it(log: Path) -> None:
    """Of two requests the first ends at its second call, which takes the third with it."""
    log.write_text(LARGE)
    words = (str(log), "--models", "anthropic/claude-opus-4.5", "--engine", "reference")
    assert document(*words)["replay"]["not_made"][1] == {
        "deployment": "anthropic/claude-opus-4.5", "did_not_fit": 1, "never_came": 1,
    }  # fmt: skip
    shown = called(*words).stdout
    row = next(line for line in shown.splitlines() if line.startswith(" anthropic/claude-opus-4.5"))
    assert row.split()[-2:] == ["1", "1"]
    assert "of less work than the log's" in shown
    table = csv.DictReader(io.StringIO(called(*words, "--format", "csv").stdout))
    assert [(line["did_not_fit"], line["never_came"]) for line in table] == [("0", "0"), ("1", "1")]


def test_its_help_is_that_of_a_replay() -> None:
    told = " ".join(called("--help").stdout.split())
    assert "scenario" not in told.lower()
    assert "[default: results/replay/ID here]" in told
    assert "[as logged]" not in told


def test_where_all_fits_the_table_says_nothing_of_windows(log: Path) -> None:
    assert "window" not in called(str(log)).stdout

"""`fit` writes a scenario that validates and runs, and says what it does not know."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from burncurve.cli.door import main

SESSIONS = 60


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log in the plain format: sessions of lognormal outputs, two requests of a few calls each, on several days."""
    monkeypatch.chdir(tmp_path)
    luck = np.random.default_rng(7)
    rows = ["model,session,request,time,end,input,cache_read,cache_write_5m,output"]
    for session in range(SESSIONS):
        at, prompt = 1_790_000_000 + session * 9_000, 20_000
        for request in range(2):
            for _ in range(int(luck.integers(2, 8))):
                output = int(luck.lognormal(5.3, 1.0)) + 1
                rows.append(f"claude-opus-4-6,{session},{request},{at},{at + 5},0,{prompt - 500},500,{output}")
                prompt += output + int(luck.lognormal(6.5, 0.8))
                at += 5 + int(luck.lognormal(2, 1))
            at += 120
    path = tmp_path / "log.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def called(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_the_scenario_runs_and_the_comments_say_how_well_it_fits(log: Path) -> None:
    done = called("fit", str(log), "-o", "fitted.yaml")
    assert done.exit_code == 0, done.output
    text = Path("fitted.yaml").read_text()
    assert "lognormal: {median: " in text
    assert "KS 0." in text
    assert "AIC" in text
    assert Path("fitted.png").stat().st_size > 10_000
    assert called("validate", "fitted.yaml").exit_code == 0
    ran = called("run", "fitted.yaml", "--replications", "1", "--format", "json", "--quiet", "--no-pictures")
    assert ran.exit_code == 0, ran.output
    calls = json.loads(ran.stdout)["deployments"][0]["calls"]
    assert calls == pytest.approx(len(log.read_text().splitlines()) - 1, rel=0.4)


def test_the_json_holds_rivals_and_quantiles(log: Path) -> None:
    found = json.loads(called("fit", str(log), "--format", "json", "--quiet").stdout)
    output = next(one for one in found["quantities"] if one["quantity"] == "output")
    assert output["family"] == "lognormal"
    assert output["rivals"][0]["family"] == "lognormal"
    assert output["rivals"] == sorted(output["rivals"], key=lambda rival: rival["aic"])
    middle = next(point for point in output["quantiles"] if point["level"] == 0.5)
    assert middle["drawn"] == pytest.approx(middle["seen"], rel=0.15)


def test_a_file_that_is_there_is_not_overwritten(log: Path) -> None:
    Path("mine.yaml").write_text("mine")
    done = called("fit", str(log), "-o", "mine.yaml")
    assert done.exit_code == 2
    assert "is there already" in done.stderr
    assert Path("mine.yaml").read_text() == "mine"


@pytest.mark.parametrize("words", [["nowhere"], ["."], ["log.csv", "-o", "no/such/folder.yaml"]])
def test_wrong_input_is_told(log: Path, words: list[str]) -> None:
    if words == ["."]:
        log.unlink()
    done = called("fit", *words)
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_the_folder_of_an_import_beside_others_is_an_error_and_not_left_out(log: Path) -> None:
    assert called("import", str(log), "--out", "kept", "--quiet").exit_code == 0
    for command in (("fit",), ("backtest",), ("replay", "--models", "openai/gpt-5.2")):
        done = called(*command, "kept", str(log))
        assert done.exit_code == 2
        assert "kept: the folder of an import is taken alone" in done.stderr

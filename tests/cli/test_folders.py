"""The run folder as a user meets it: the same bytes, used again, never half there, never over something else."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

QUIET = ("--no-pictures", "--quiet")


def contents(folder: str) -> dict[str, bytes]:
    found = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_the_same_inputs_give_the_same_bytes(call) -> None:
    for folder in ("one", "two"):
        assert call("compare", "blackboard", "--replications", 2, "--quiet", "--out", folder).exit_code == 0
    assert {"summary.json", "bill.csv", "ledger.parquet", "curves.png", "manifest.json"} <= contents("one").keys()
    assert contents("one") == contents("two")


def test_no_file_knows_where_it_was_made(call, tmp_path: Path) -> None:
    shutil.copy(Path(__file__).parents[2] / "scenarios" / "blackboard.yaml", "here.yaml")
    call("compare", "here.yaml", "--start", "2020-01-01", "--quiet", "--out", "run")
    for name, data in contents("run").items():
        assert str(tmp_path).encode() not in data, name
        assert str(Path(__file__).parents[2]).encode() not in data, name


def test_a_run_that_is_there_is_verified_and_used_again(call, monkeypatch: pytest.MonkeyPatch) -> None:
    first = call("run", "blackboard", *QUIET)
    monkeypatch.setattr("burncurve.studies.simulation.simulated", lambda *_: pytest.fail("simulated again"))
    assert call("run", "blackboard", *QUIET).stdout == first.stdout
    (summary,) = Path("results").glob("*/*/summary.json")
    summary.write_text(summary.read_text().replace("Blackboard", "Whiteboard"))
    again = call("run", "blackboard", *QUIET)
    assert again.exit_code == 2
    assert "checksum" in again.stderr


def test_the_id_depends_on_inputs_and_not_on_the_engine(call) -> None:
    def ids(*words: object) -> str:
        return json.loads(call("run", "blackboard", "--format", "json", *QUIET, *words).stdout)["id"]

    base = ids()
    assert ids("--engine", "reference") == base
    others = [
        ids("--seed", 1),
        ids("--replications", 2),
        ids("--set", "horizon=2h"),
        ids("--book", "articles-2026-02"),
        ids("--as-of", "2026-11-01"),
        ids("--deployment", "minimax"),
        ids("--ledger"),
        ids("--start", "2026-03-02T09:00"),
    ]
    assert len({base, *others}) == 9


def test_a_foreign_folder_is_refused_before_anything_is_simulated(call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("burncurve.studies.simulation.simulated", lambda *_: pytest.fail("simulated"))
    Path("mine").mkdir()
    Path("mine/thesis.tex").write_text("years of work")
    ended = call("run", "blackboard", "--out", "mine")
    assert ended.exit_code == 2
    assert "left as it is" in ended.stderr
    assert contents("mine") == {"thesis.tex": b"years of work"}


def test_a_folder_that_cannot_be_written_is_one_message(call) -> None:
    Path("file").touch()
    ended = call("run", "blackboard", "--out", "file/run")
    assert ended.exit_code == 2
    assert "cannot be written" in ended.stderr


@pytest.mark.parametrize("broken", ["builtins.open", "pathlib.Path.write_text", "pyarrow.parquet.ParquetWriter"])
def test_a_full_disk_leaves_nothing_half_written(
    call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    original = {"builtins.open": open}.get(broken)

    def full(*words: object, **options: object) -> object:
        if original is not None and (len(words) < 2 or "w" not in str(words[1])):
            return original(*words, **options)  # type: ignore[call-overload]
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(broken, full)
        ended = call("run", "blackboard", "--replications", "1", "--no-pictures")
    assert ended.exit_code == 2
    assert "No space left on device" in ended.stderr
    assert not list(tmp_path.glob("results/*/[!.]*"))
    assert not list(tmp_path.iterdir()), "one replication is not worth going on with"
    assert "Nothing half-written was left behind" in ended.stderr
    assert call("run", "blackboard", "--replications", "1", *QUIET, "--resume").exit_code == 0
    assert len(list(tmp_path.glob("results/*/*"))) == 1


def test_a_full_disk_keeps_what_is_worth_going_on_with(call, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    words = ("run", "blackboard", "--replications", 4, "--chunk", 1, "--out", "run")
    with monkeypatch.context() as patch:
        patch.setattr("burncurve.studies.files.write", full)
        ended = call(*words, *QUIET)
    assert ended.exit_code == 2
    assert f"kept in {Path('.run.partial').absolute()}: --resume goes on with it" in ended.stderr
    assert "left behind" not in ended.stderr
    assert call(*words, *QUIET, "--resume").exit_code == 0
    assert [path.name for path in Path().iterdir()] == ["run"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("form", ["table", "json"])
def test_output_to_a_full_device_is_one_message(process, form: str) -> None:
    with open("/dev/full", "w") as full:
        ended = process("prices", "--format", form, stdout=full)
        _, said = ended.communicate(timeout=60)
    assert ended.returncode == 2
    assert said.strip() == "burncurve: standard output: No space left on device"


@pytest.mark.skipif(os.name != "posix", reason="closes a stream as a shell does")
def test_no_output_at_all_is_one_message(process) -> None:
    ended = process("prices", preexec_fn=lambda: os.close(1))
    _, said = ended.communicate(timeout=60)
    assert ended.returncode == 2
    assert said.strip() == "burncurve: standard output: Bad file descriptor"


def test_a_reader_who_leaves_is_no_news(process) -> None:
    ended = process("prices", "--format", "json")
    ended.stdout.close()
    assert ended.stderr.read() == ""
    assert ended.wait(timeout=60) == 141


@pytest.mark.parametrize(("how", "code", "name"), [(signal.SIGINT, 2, "Ctrl-C"), (signal.SIGTERM, 143, "SIGTERM")])
def test_a_signal_in_the_middle_leaves_nothing_behind(process, tmp_path: Path, how, code: int, name: str) -> None:
    running = process("compare", "openclaw-stock-monitor", "--replications", "1000")
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("results/*/.*.partial")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    running.send_signal(how)
    out, said = running.communicate(timeout=60)
    assert running.returncode == code, said
    assert out == ""
    assert said.strip() == f"burncurve: stopped by {name}; nothing half-written was left behind"
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_kept_is_told_before_it_is_refused(
    call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("burncurve.studies.files.write", full)
    ended = call("compare", "blackboard", "--no-pictures")
    assert ended.exit_code == 2
    assert "$0.237" in ended.stdout
    assert "No space left on device" in ended.stderr


def test_a_folder_that_cannot_be_replaced_is_filled(call, monkeypatch: pytest.MonkeyPatch) -> None:
    call("run", "blackboard", "--out", "usual", *QUIET)
    Path("mounted").mkdir()
    rename = Path.rename

    def busy(path: Path, target: Path) -> Path:
        if Path(target).name == "mounted":
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", busy)
    assert call("run", "blackboard", "--out", "mounted", *QUIET).exit_code == 0
    assert contents("mounted") == contents("usual")


def test_ctrl_c_while_the_command_is_imported_is_one_line(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'burncurve.cli':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "from burncurve.__main__ import command\n"
        "command()\n"
    )
    paths = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "sim")}
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=paths, cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr == "burncurve: stopped by Ctrl-C; nothing half-written was left behind\n"


def test_the_folder_of_a_run_is_no_scenario_and_it_is_said_what_takes_it(call) -> None:
    made = call("run", "blackboard", "--replications", 1, "--engine", "reference", "--no-pictures", "--out", "made")
    assert made.exit_code == 0, made.stderr
    done = call("compare", "made")
    assert done.exit_code == 2
    assert "made: is the folder of a run and not a scenario" in done.stderr
    assert "taken by explain, ledger, query and diff; to simulate anew, name the scenario" in done.stderr


def test_of_a_folder_without_scenarios_none_is_to_be_named(call, tmp_path: Path) -> None:
    (tmp_path / "some").mkdir()
    assert "name one of the .yaml files" not in call("compare", "some").stderr
    (tmp_path / "some/one.yaml").write_text("name: One\n")
    assert "name one of the .yaml files" in call("compare", "some").stderr

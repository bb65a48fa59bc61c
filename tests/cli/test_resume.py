"""A run that is killed goes on with --resume; what work options say changes nothing that is printed or kept."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SLOW = ("compare", "code-review-bot", "--replications", "16", "--engine", "reference", "--chunk", "2", "--no-pictures")
WHOLE = ("--quiet", "--format", "json")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


SMALL = (
    "run",
    "heartbeat",
    "--deployment",
    "minimax",
    "--replications",
    "8",
    "--engine",
    "reference",
    "--out",
    "small",
)
SWEEP = ("sweep", "code-review-bot", "--vary", "agents.reviewer.base=1k:64k:64", "--engine", "reference")
ENDS = {  # exit code, what is said first
    signal.SIGKILL: (-signal.SIGKILL, ""),
    signal.SIGINT: (2, "burncurve: stopped by Ctrl-C\n    What is done is kept in "),
    signal.SIGTERM: (143, "burncurve: stopped by SIGTERM\n    What is done is kept in "),
}


def wait_for_pieces(running: subprocess.Popen[str], folder: Path, number: int) -> None:
    deadline = time.monotonic() + 100
    while len(list(folder.glob("results/*/.*/*.piece"))) < number:
        assert running.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("how", list(ENDS))
def test_a_killed_run_goes_on_where_it_was(process, tmp_path: Path, how: signal.Signals) -> None:
    running = process(*SLOW, "--workers", "1")
    wait_for_pieces(running, tmp_path, 3)
    running.send_signal(how)
    _, said = running.communicate(timeout=60)
    code, first = ENDS[how]
    assert (running.returncode, said.strip()[: len(first)]) == (code, first)
    assert ("--resume goes on" in said) == bool(first)
    assert "left behind" not in said
    (pieces,) = tmp_path.glob("results/*/.*.partial")
    done = {path.name: path.stat().st_mtime_ns for path in pieces.glob("*.piece")}
    resumed = process(*SLOW, "--resume", "--workers", "1")
    while resumed.poll() is None and len(list(pieces.glob("*.piece"))) <= len(done):
        time.sleep(0.005)
    now = {path.name: path.stat().st_mtime_ns for path in pieces.glob("*.piece")}
    assert not {name for name in done.keys() & now.keys() if now[name] != done[name]}, "nothing is done twice"
    _, said = resumed.communicate(timeout=100)
    assert resumed.returncode == 0
    assert f"resumed: {len(done)} pieces" in said
    whole = process(*SLOW[:-1], *SLOW[-1:], "--out", "whole", "--workers", "2", *WHOLE)
    whole.communicate(timeout=100)
    (folder,) = tmp_path.glob("results/*/[!.]*")
    assert contents(folder) == contents(tmp_path / "whole")
    assert not pieces.exists()


def test_a_sweep_that_sigterm_ends_goes_on_where_it_was(process, tmp_path: Path) -> None:
    running = process(*SWEEP, "--replications", "1", "--no-pictures")
    wait_for_pieces(running, tmp_path, 2)
    running.terminate()
    _, said = running.communicate(timeout=60)
    code, first = ENDS[signal.SIGTERM]
    assert (running.returncode, said.strip()[: len(first)]) == (code, first)
    _, said = process(*SWEEP, "--replications", "1", "--no-pictures", "--resume").communicate(timeout=100)
    assert "points were played before" in said


def test_sigterm_ends_the_processes_that_work_for_a_run(process, tmp_path: Path) -> None:
    running = process(*SLOW, "--workers", "2")
    wait_for_pieces(running, tmp_path, 1)
    running.terminate()
    running.communicate(timeout=60)  # it would wait for whoever still holds its output
    assert running.returncode == 143


@pytest.mark.skipif(sys.platform == "win32", reason="a shell there has nothing ignored")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_its_starter_has_ignored_stays_ignored(process, tmp_path: Path, how: signal.Signals) -> None:
    """As by `nohup burncurve ... &`: Ctrl-C in the terminal is meant for others."""
    running = process(*SLOW, "--workers", "1", preexec_fn=lambda: signal.signal(how, signal.SIG_IGN))
    wait_for_pieces(running, tmp_path, 3)
    running.send_signal(how)
    _, said = running.communicate(timeout=100)
    assert (running.returncode, "wrote" in said) == (0, True)


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits on the size of files")
def test_a_disk_that_is_full_in_mid_run_keeps_what_was_done(process, tmp_path: Path) -> None:
    """A limit on files stands for the disk: the first ledger that is larger is refused by the system itself."""
    import resource

    words = (*SLOW, "--workers", "1", "--out", "run")
    process(*words).communicate(timeout=100)
    whole = contents(tmp_path / "run")
    shutil.rmtree(tmp_path / "run")
    pieces = tmp_path / ".run.partial"
    running = process(*words)
    while running.poll() is None and len(list(pieces.glob("*.piece"))) < 4:
        time.sleep(0.005)
    running.kill()
    running.communicate(timeout=60)
    largest = max(path.stat().st_size for path in pieces.iterdir())
    limited = process(*words, "--resume", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest,) * 2))
    _, said = limited.communicate(timeout=100)
    assert limited.returncode == 2
    assert "run: cannot be written: File too large" in said
    assert "--resume goes on with it" in said
    assert not (tmp_path / "run").exists()
    process(*words, "--resume").communicate(timeout=100)
    assert contents(tmp_path / "run") == whole


def test_the_second_of_two_equal_runs_waits_and_finds_the_first(process, tmp_path: Path) -> None:
    both = [process("compare", "code-review-bot", "--replications", "4", "--no-pictures") for _ in range(2)]
    ends = [running.communicate(timeout=100) for running in both]
    assert [running.returncode for running in both] == [0, 0]
    assert ends[0][0] == ends[1][0]
    assert sorted("wrote" in said for _, said in ends) == [False, True]
    assert len(list(tmp_path.glob("results/*/*"))) == 1
    assert not list(tmp_path.glob("results/*/.*"))


def test_a_run_of_other_inputs_is_not_resumed(call) -> None:
    assert call("run", "blackboard", "--out", "run", *WHOLE, "--no-pictures").exit_code == 0
    ended = call("run", "blackboard", "--seed", 1, "--out", "run", "--resume", "--no-pictures")
    assert (ended.exit_code, "holds another run" in ended.stderr) == (2, True)


def test_nothing_to_resume_is_no_error(call) -> None:
    assert call("run", "blackboard", "--resume", "--no-pictures").exit_code == 0


def test_work_options_change_nothing(call) -> None:
    words = ("compare", "blackboard", "--replications", 5, "--no-pictures", "--quiet")
    for folder, more in (("a", ()), ("b", ("--workers", 2, "--chunk", 1)), ("c", ("--chunk", 100, "--workers", 1))):
        assert call(*words, "--out", folder, *more).exit_code == 0
    assert contents(Path("a")) == contents(Path("b")) == contents(Path("c"))


def test_auto_says_how_many_it_took_and_the_share_above_an_amount(call) -> None:
    vary = ("--set", "agents.teacher.base={range: [5k, 10k, 30k]}")
    ended = call(
        "run", "blackboard", *vary, "--replications", "auto", "--precision", "10%", "--above", "0.25", "--above", "$90",
        "--no-pictures", "--format", "json",
    )  # fmt: skip
    assert "64 replications were enough for the mean of each bill within 10%" in ended.stderr
    document = json.loads(ended.stdout)
    assert document["precision"] == {"figure": "mean", "share": 0.1, "looks": [64], "reached": True}
    part = document["deployments"][0]
    near, far = part["bill_usd"]["above"]
    assert (near["usd"], far["usd"], far["share"]) == (0.25, 90, 0)
    assert near["ci95"][0] <= near["share"] <= near["ci95"][1]
    assert part["spread"]["parameters_share"] == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--replications", "0"), "--replications"),
        (("--replications", "100001"), "--replications"),
        (("--replications", "many"), "write 1 to 100,000, or auto"),
        (("--replications", "auto"), "needs --precision"),
        (("--precision", "2%"), "need --replications auto"),
        (("--replications", "auto", "--precision", "0"), "no number of replications reaches 0"),
        (("--replications", "auto", "--precision", "0%"), "no number of replications reaches 0"),
        (("--replications", "auto", "--precision", "-1%"), "not a share"),
        (("--replications", "auto", "--precision", "1e-3"), "not a share"),
        (("--replications", "auto", "--precision", "200%"), "from 0.01% to 100%"),
        (("--replications", "auto", "--precision", "2%", "--precision-of", "p42"), "p42"),
        (("--above", "dear"), "not an amount"),
        (("--workers", "65"), "--workers"),
        (("--chunk", "-1"), "--chunk"),
        (("--cluster", "10.0.0.1"), "write tcp://HOST:PORT"),
        (("--cluster", "tcp://10.0.0.1:65536"), "write tcp://HOST:PORT"),
        (("--cluster", "tcp://10.0.0.1:8786", "--workers", "2"), "leave it out with --cluster"),
    ],
)
def test_what_makes_no_sense_is_refused(call, tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    ended = call("run", "blackboard", *words)
    assert ended.exit_code == 2
    assert says in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_dask_the_extra_is_named(call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("burncurve.studies.cluster.find_spec", lambda name: None)
    ended = call("run", "blackboard", "--cluster", "tcp://127.0.0.1:8786")
    assert (ended.exit_code, "burncurve[cluster]" in ended.stderr) == (2, True)


def test_a_cluster_that_is_not_there_leaves_nothing_behind(call, tmp_path: Path, monkeypatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("burncurve.studies.cluster.CONNECT_S", 1)
    ended = call("run", "blackboard", "--cluster", "tcp://127.0.0.1:1")
    assert (ended.exit_code, "no cluster answers" in ended.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_damaged_piece_is_named_done_again_and_not_counted(process, tmp_path: Path) -> None:
    running = process(*SLOW, "--workers", "1")
    wait_for_pieces(running, tmp_path, 3)
    running.kill()
    running.communicate(timeout=60)
    (pieces,) = tmp_path.glob("results/*/.*.partial")
    done = sorted(pieces.glob("*.piece"))
    flip(done[0])
    done[1].with_suffix(".parquet").unlink()
    _, said = process(*SLOW, "--resume", "--workers", "1").communicate(timeout=100)
    assert f"resumed: {len(done) - 2} pieces of work were done before" in said
    assert [Path(line.split(": ")[1]).name for line in said.splitlines() if "done again" in line] == [
        done[0].name,
        done[1].name,
    ]
    process(*SLOW, "--out", "whole", *WHOLE).communicate(timeout=100)
    (folder,) = tmp_path.glob("results/*/[!.]*")
    assert contents(folder) == contents(tmp_path / "whole")


def test_one_changed_byte_in_each_file_of_a_finished_run_is_mended(process, tmp_path: Path) -> None:
    process(*SMALL).communicate(timeout=100)
    whole = contents(tmp_path / "small")
    assert {"ledger.parquet", "bill.csv", "curves.png"} <= whole.keys()
    for name in whole.keys() - {"manifest.json"}:
        flip(tmp_path / "small" / name)
    refused = process(*SMALL)
    assert "--resume" in refused.communicate(timeout=100)[1]
    assert refused.returncode == 2
    mended = process(*SMALL, "--resume")
    _, said = mended.communicate(timeout=100)
    assert (mended.returncode, said.count("done again")) == (0, len(whole) - 1)
    assert contents(tmp_path / "small") == whole
    assert [path.name for path in tmp_path.iterdir()] == ["small"], "nothing is left beside it"


def test_what_does_not_come_out_as_its_manifest_says_is_refused_and_left(process, tmp_path: Path) -> None:
    process(*SMALL, "--no-pictures").communicate(timeout=100)
    manifest = tmp_path / "small" / "manifest.json"
    told = json.loads(manifest.read_text())
    told["files"]["bill.csv"] = "0" * 64
    told["files"]["../bill.csv"] = "0" * 64
    manifest.write_text(json.dumps(told))
    flip(tmp_path / "small" / "bill.csv")
    before = contents(tmp_path)
    refused = process(*SMALL, "--no-pictures", "--resume")
    _, said = refused.communicate(timeout=100)
    assert (refused.returncode, "done again" in said, "Remove the folder" in said) == (2, False, True)
    assert contents(tmp_path) == before


def test_a_damaged_sweep_is_mended(process, tmp_path: Path) -> None:
    words = (*SWEEP[:2], "--vary", "agents.reviewer.base=1k,2k", *SWEEP[4:], "--replications", "1", "--out", "swept")
    process(*words).communicate(timeout=100)
    whole = contents(tmp_path / "swept")
    flip(tmp_path / "swept" / "sweep.json")
    mended = process(*words, "--resume")
    _, said = mended.communicate(timeout=100)
    assert (mended.returncode, said.count("done again")) == (0, 1)
    assert contents(tmp_path / "swept") == whole

"""A real scheduler and real workers on this machine's loopback: what is killed, foreign or missing."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from burncurve.errors import InputError, InternalError
from burncurve.studies import cluster, files, program
from burncurve.studies.document import document
from burncurve.studies.pool import Todo, each_done
from burncurve.studies.simulation import Simulated, simulated
from burncurve.studies.study import Choices, Study, open_study
from burncurve.studies.work import Progress, Work

pytest.importorskip("distributed")
ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "sim" / "burncurve"
HERE = "127.0.0.1"
PATIENCE_S = 60.0
Process = subprocess.Popen[bytes]


class Cluster:
    """A scheduler with the workers that a test asks for, all of them processes of their own."""

    def __init__(self, folder: Path, scheme: str = "tcp", **environment: str) -> None:
        self.folder, self.environment = folder, environment
        self.address = f"{scheme}://{HERE}:{free_port()}"
        self.workers: list[Process] = []
        listen = ("--host", self.address.rpartition(":")[0], "--port", self.address.rpartition(":")[2])
        self.scheduler = self._started("dask_scheduler", *listen)
        wait_for(lambda: is_listening(int(self.address.rpartition(":")[2])))

    def work(self, sources: Path = PACKAGE.parent) -> Process:
        """Start one more worker, of the program that lies there."""
        words = ("--no-nanny", "--nthreads", "1", "--host", HERE)
        self.workers.append(self._started("dask_worker", self.address, *words, PYTHONPATH=str(sources)))
        return self.workers[-1]

    def _started(self, module: str, *words: str, **environment: str) -> Process:
        command = [sys.executable, "-m", f"distributed.cli.{module}", "--no-dashboard", *words]
        known = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), **self.environment, **environment}
        with open(self.folder / "log", "ab") as log:
            return subprocess.Popen(command, cwd=self.folder, env=known, stdout=log, stderr=log)

    def end(self) -> None:
        """End the processes that were started here."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait(PATIENCE_S)


def free_port() -> int:
    with socket.socket() as one:
        one.bind((HERE, 0))
        return int(one.getsockname()[1])


def is_listening(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HERE, port), timeout=1):
        return True
    return False


def wait_for(something: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not something():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def running(folder: Path, workers: int = 0, scheme: str = "tcp", **environment: str) -> Iterator[Cluster]:
    started = Cluster(folder, scheme, **environment)
    try:
        for _ in range(workers):
            started.work()
        wait_for(lambda: (folder / "log").read_text().count("Registered to:") == workers)
        yield started
    finally:
        started.end()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody wait long for what does not come."""
    monkeypatch.setattr(cluster, "CONNECT_S", 3)
    monkeypatch.setattr(cluster, "ASK_S", 0.2)
    monkeypatch.setattr(cluster, "NOBODY_S", 2.0)


@pytest.fixture(scope="module")
def study() -> Study:
    settings = ("horizon=1h",)
    choices = Choices(replications=12, pictures=False, settings=settings, engine="reference")
    return open_study(ROOT / "scenarios" / "code-review-bot.yaml", choices)


def written(found: Simulated, study: Study, folder: Path) -> dict[str, bytes]:
    folder.mkdir(parents=True)
    files.write(folder, study, found, document(study, found.results))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def work_of(address: str, told: Callable[[Progress], None] | None = None) -> Work:
    return Work(chunk=1, hands=cluster.hands(address), told=told)


def test_a_worker_killed_in_mid_run_loses_nothing(study: Study, tmp_path: Path) -> None:
    with running(tmp_path, workers=2) as there:
        done = []

        def kill_one(progress: Progress) -> None:
            done.append(progress.done)
            if len(done) == 6:
                there.workers[0].send_signal(signal.SIGKILL)

        found = simulated(study, work_of(there.address, kill_one))
        assert there.workers[0].wait(PATIENCE_S) == -signal.SIGKILL
        assert there.workers[1].poll() is None
    assert max(done) == len(done) == 12 * len(study.deployments), "each piece once, none lost"
    assert written(found, study, tmp_path / "there") == written(simulated(study, Work(1)), study, tmp_path / "here")


def test_a_run_whose_workers_are_all_gone_ends(study: Study, tmp_path: Path, quick: None) -> None:
    with running(tmp_path, workers=1) as there, pytest.raises(InputError, match="has had no workers for 2 s"):
        simulated(study, work_of(there.address, lambda _: there.workers[0].kill()))


def test_a_run_whose_scheduler_is_gone_ends(study: Study, tmp_path: Path, quick: None) -> None:
    with running(tmp_path, workers=1) as there, pytest.raises(InputError, match="no cluster answers within 3 s"):
        simulated(study, work_of(there.address, lambda _: there.scheduler.kill()))


def test_a_chunk_that_always_fails_ends_the_run_with_its_name(tmp_path: Path) -> None:
    with running(tmp_path, workers=1) as there:
        hands = cluster.hands(there.address)
        with pytest.raises(InternalError, match="piece x: failed 3 times: ValueError: invalid literal for int"):
            each_done(hands, int, Todo(["x"]), lambda *_: None, named=lambda item: f"piece {item}")


def test_a_cluster_that_is_not_there_is_said_soon(quick: None) -> None:
    begun = time.monotonic()
    with pytest.raises(InputError, match="no cluster answers within 3 s"):
        cluster.hands(f"tcp://{HERE}:{free_port()}")
    assert time.monotonic() - begun < 10


def test_one_that_does_not_speak_dask_is_no_cluster(quick: None) -> None:
    with socket.socket() as silent:
        silent.bind((HERE, 0))
        silent.listen()
        with pytest.raises(InputError, match="no cluster answers within 3 s"):
            cluster.hands(f"tcp://{HERE}:{silent.getsockname()[1]}")


def test_what_ends_the_connection_is_told_by_one_message(tmp_path: Path) -> None:
    """By the command line: neither Dask's own log nor what its threads complain of reaches a person."""
    quick = "from burncurve.cli.door import main; from burncurve.studies import cluster; cluster.CONNECT_S = 1; main()"
    run = [sys.executable, "-c", quick, "run", "heartbeat", "--replications", "400", "--chunk", "1"]
    with running(tmp_path, workers=1) as there:
        known = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
        going = subprocess.Popen([*run, "--cluster", there.address], cwd=tmp_path, env=known, stderr=subprocess.PIPE)
        wait_for(lambda: any(tmp_path.rglob("*.piece")))
        there.scheduler.kill()
        _, told = going.communicate(timeout=PATIENCE_S)
    assert going.returncode == 2
    assert b"no cluster answers within 1 s" in told
    assert b"Traceback" not in told, told.decode()
    assert b"distributed." not in told


def test_a_cluster_without_workers_is_said_soon(tmp_path: Path, quick: None) -> None:
    with running(tmp_path) as there, pytest.raises(InputError, match="has no workers"):
        cluster.hands(there.address)


def test_over_tls_with_certificates_of_ones_own(study: Study, tmp_path: Path, monkeypatch, quick: None) -> None:
    make_certificate(tmp_path)
    known = {"CA_FILE": "cert.pem"}
    for part in ("SCHEDULER", "WORKER"):
        known |= {f"{part}__CERT": "cert.pem", f"{part}__KEY": "key.pem"}
    known = {f"DASK_DISTRIBUTED__COMM__TLS__{name}": str(tmp_path / file) for name, file in known.items()}
    with running(tmp_path, workers=1, scheme="tls", **known) as there:
        with pytest.raises(InputError, match="needs a certificate, and none is named"):
            cluster.hands(there.address)
        import dask

        names = {"ca-file": "cert.pem", "client.cert": "cert.pem", "client.key": "key.pem"}
        settings = {f"distributed.comm.tls.{name}": str(tmp_path / file) for name, file in names.items()}
        with (
            dask.config.set(settings | {"distributed.comm.tls.client.cert": str(tmp_path / "none.pem")}),
            pytest.raises(InputError, match=r"certificates cannot be read: .*No such file"),
        ):
            cluster.hands(there.address)
        with (
            dask.config.set({"distributed.comm.require-encryption": True}),
            pytest.raises(InputError, match=r"no cluster answers.*encryption required"),
        ):
            cluster.hands(there.address.replace("tls:", "tcp:"))

        with dask.config.set(settings):
            found = simulated(study, work_of(there.address))
    assert document(study, found.results) == document(study, simulated(study, Work(1)).results)


def make_certificate(folder: Path) -> None:
    """Write a key and a certificate that vouches for itself."""
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=burncurve -keyout key.pem -out cert.pem"
    subprocess.run(["openssl", *words.split()], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another program: the same but for one rule."""
    sources = tmp_path / "other"
    shutil.copytree(PACKAGE, sources / "burncurve", ignore=shutil.ignore_patterns("__pycache__"))
    with open(sources / "burncurve" / "engines" / "rules.py", "a", encoding="utf-8") as rules:
        rules.write("\n\nLATEST_RULE = 1\n")
    return sources


def test_workers_of_another_program_are_refused_by_name(tmp_path: Path, other: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "burncurve.py").touch()  # hides one that may be installed
    with running(tmp_path, workers=1) as there:
        there.work(other)
        there.work(bare)
        wait_for(lambda: (tmp_path / "log").read_text().count("Registered to:") == 3)
        with pytest.raises(InputError) as refusal:
            cluster.hands(there.address)
    told = [str(problem) for problem in refusal.value.problems]
    assert len(told) == 2
    assert all(f"worker tcp://{HERE}:" in text and f"this is {program.mark()}" in text for text in told)
    assert sum("has no burncurve that can be asked (ModuleNotFoundError" in text for text in told) == 1
    assert sum("has burncurve 0.1.0 with rules " in text for text in told) == 1


def test_one_that_comes_later_is_refused_too(study: Study, tmp_path: Path, other: Path) -> None:
    with running(tmp_path, workers=1) as there:
        hands = cluster.hands(there.address)
        executor = hands.make()
        there.workers[0].kill()
        there.work(other)
        with pytest.raises(InputError, match=f"worker tcp://{HERE}:.*; the work comes from burncurve"):
            executor.submit(pow, 2, 3).result(PATIENCE_S)
        executor.shutdown(wait=False)


def test_the_mark_is_that_of_the_rules_and_not_of_line_ends(tmp_path: Path) -> None:
    rules = tmp_path / "engines" / "rules.py"
    rules.parent.mkdir()
    marks = []
    for text in (b"A = 1\nB = 2\n", b"A = 1\r\nB = 2\r\n", b"A = 1\nB = 3\n"):
        rules.write_bytes(text)
        marks.append(program._rules(tmp_path))
    assert marks[0] == marks[1] != marks[2]

"""Processes that play may be ended at any moment, and so may the one that they play for: nobody waits for ever."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from breaking import BEYOND_A_PIPE, large_unless_killed
from burncurve import stops
from burncurve.studies import workers
from burncurve.studies.pool import Todo, each_done

NEEDS_SIGNALS = pytest.mark.skipif(sys.platform == "win32", reason="needs the signals of POSIX")


@NEEDS_SIGNALS
def test_one_killed_amid_its_result_is_not_waited_for(tmp_path: Path) -> None:
    found: dict[tuple[str, int], bytes] = {}
    items = [(str(tmp_path / "mark"), number) for number in range(4)]
    work = threading.Thread(
        target=each_done,
        args=(workers.processes(2), large_unless_killed, Todo(items), found.__setitem__),
        daemon=True,
    )
    work.start()
    work.join(60)
    assert not work.is_alive()
    assert [len(result) for result in found.values()] == [BEYOND_A_PIPE] * 4


@NEEDS_SIGNALS
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_waits_until_a_library_has_put_back_its_locks(how: signal.Signals, monkeypatch) -> None:
    done = []
    start = ProcessPoolExecutor._start_executor_manager_thread  # type: ignore[attr-defined]

    def start_and_be_stopped(self: ProcessPoolExecutor) -> None:
        start(self)
        signal.raise_signal(how)
        done.append(how)  # it still holds a lock, which an interrupt might leave taken

    monkeypatch.setattr(ProcessPoolExecutor, "_start_executor_manager_thread", start_and_be_stopped)
    before = signal.signal(signal.SIGTERM, stops._stop)
    try:
        with pytest.raises(KeyboardInterrupt):
            each_done(workers.processes(2), abs, Todo(range(100)), lambda *_: None)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert done


@NEEDS_SIGNALS
def test_the_second_stop_is_raised_at_once() -> None:
    def twice() -> None:
        with stops.held():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            pytest.fail("went on")

    with pytest.raises(KeyboardInterrupt):
        twice()


def test_a_stop_that_came_while_held_is_raised_at_the_end() -> None:
    done = []

    def once() -> None:
        with stops.held():
            signal.raise_signal(signal.SIGINT)
            done.append("the rest")

    with pytest.raises(KeyboardInterrupt):
        once()
    assert done


@NEEDS_SIGNALS
def test_processes_start_deaf_to_ctrl_c() -> None:
    asked = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))"
    with stops.kept_from_children():
        inside = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert inside.stdout.strip() == "True"
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


LOST = """
import gc, signal, time
from burncurve import stops

class Goes:
    def __del__(self):
        signal.raise_signal(signal.{how})  # what is raised here, Python tells and forgets

stops.heed()
try:
    Goes()
    time.sleep(60)
except KeyboardInterrupt as stop:
    print(stops.told(stop)[0])
"""


@NEEDS_SIGNALS
@pytest.mark.parametrize(("how", "said"), [("SIGINT", "stopped by Ctrl-C"), ("SIGTERM", "stopped by SIGTERM")])
def test_a_stop_is_not_lost_where_python_cannot_raise(how: str, said: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LOST.format(how=how)],
        capture_output=True,
        text=True,
        timeout=40,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert (ended.stdout.strip(), ended.stderr) == (said, "")


HANGING = """
import sys, threading
from burncurve import __main__
threading.Thread(target=threading.Event().wait).start()
__main__.ENDING_S = 0.5
sys.argv = ["burncurve", *{words!r}]
__main__.command()
"""


@pytest.mark.parametrize(("words", "code"), [(["--version"], 0), (["nothing"], 2)])
def test_a_thread_that_hangs_does_not_keep_the_command(words: list[str], code: int) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", HANGING.format(words=words)], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == code
    assert "burncurve" in ended.stdout + ended.stderr

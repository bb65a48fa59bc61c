"""Being asked to stop where Python's own locks are at work: nothing hangs, nothing is lost."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from threading import Event, Thread, Timer

import pytest

from burncurve.__main__ import _wait_a_while
from burncurve.cli.work import meanwhile

LONG = "import time\nfor _ in range(50):\n    time.sleep(0.01)\nDONE = True\n"
PROGRAM = """
import os, signal, sys, threading, time
from burncurve import stops
stops.heed()
threading.Timer(0.2, os.kill, (os.getpid(), signal.{name})).start()
try:
    import long
    time.sleep(30)
except KeyboardInterrupt as stop:
    import other  # by a thread of its own it would wait for a lock that is taken
    print(stops.told(stop)[0], sys.modules["long"].DONE)
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_stop_amid_an_import_is_heeded_when_the_import_is_over(name: str, tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text(LONG)
    (tmp_path / "other.py").write_text("")
    (tmp_path / "program.py").write_text(PROGRAM.format(name=name))
    ran = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=True
    )
    assert ran.stdout == f"stopped by {'SIGTERM' if name == 'SIGTERM' else 'Ctrl-C'} True\n"


def test_nobody_waits_for_imports_that_a_stop_made_needless() -> None:
    over = Event()
    late = Timer(20, over.set)
    late.start()
    with pytest.raises(KeyboardInterrupt), meanwhile(lambda: over.wait() and None):
        raise KeyboardInterrupt
    assert not over.is_set()
    late.cancel()
    over.set()


def test_a_thread_that_a_stop_kept_from_starting_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a stop comes amid `start`, Python lists the thread, and refuses to wait for it."""
    never = Thread(target=print)
    monkeypatch.setitem(threading._limbo, never, never)  # type: ignore[attr-defined]
    assert never in threading.enumerate()
    _wait_a_while(0)

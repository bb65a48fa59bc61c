"""Where finished pieces wait: a folder beside the one they will become, kept when a run is interrupted."""

from __future__ import annotations

import math
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from burncurve.aside import to_disk
from burncurve.errors import InputError, MissingFact, Problem
from burncurve.studies.identity import ID_DIGITS
from burncurve.studies.tasks import Piece

INPUTS = "inputs"
LOCK = "lock"
NO_LEDGER = "-"
MOST_BYTES = 64
ASIDE = ".part"
OURS = (".piece", ".parquet", ".new")
WORTH_PIECES = 2  # fewer are not kept where the place refuses what is written


class Named(Protocol):
    """What a piece is of: a task, or a whole point of a sweep."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class _Called:
    name: str


class Store(Protocol):
    """Pieces by what they are of; `get` and `ledger` answer None for what is not there, or not as it was put."""

    def put(self, task: Named, piece: Piece) -> None: ...

    def get(self, task: Named) -> bytes | None: ...

    def ledger(self, task: Named) -> bytes | None: ...


class Memory:
    """Pieces kept in memory, for studies that leave no files."""

    def __init__(self) -> None:
        self._pieces: dict[str, Piece] = {}

    def put(self, task: Named, piece: Piece) -> None:
        self._pieces[task.name] = piece

    def get(self, task: Named) -> bytes | None:
        piece = self._pieces.get(task.name)
        return piece.data if piece else None

    def ledger(self, task: Named) -> bytes | None:
        piece = self._pieces.get(task.name)
        return piece.ledger if piece else None


class Area:
    """Pieces of a run kept as files, each with its checksums in its first line, written aside and renamed."""

    def __init__(self, path: Path, run_id: str) -> None:
        self.path = path
        self._run_id = run_id

    def put(self, task: Named, piece: Piece) -> None:
        ledger = NO_LEDGER
        if piece.ledger is not None:
            ledger = sha256(piece.ledger).hexdigest()
            _write_aside(self._ledger(task), piece.ledger)
        marks = f"{self._mark(task, ledger, piece.data)} {ledger}\n"
        _write_aside(self._piece(task), marks.encode() + piece.data)

    def get(self, task: Named) -> bytes | None:
        marks, data = self._read(task)
        if not marks or self._mark(task, marks[1], data) != marks[0]:
            return None
        return data if marks[1] == NO_LEDGER or self.ledger(task) is not None else None

    def ledger(self, task: Named) -> bytes | None:
        marks, _ = self._read(task)
        try:
            data = self._ledger(task).read_bytes() if marks else b""
        except OSError:
            return None
        return data if marks and sha256(data).hexdigest() == marks[1] else None

    def pieces(self) -> int:
        """Return how many pieces are there."""
        return sum(1 for _ in self.path.glob("*.piece"))

    def sound(self) -> tuple[int, list[Path]]:
        """Return how many pieces are as they were put, and the files of those that are not."""
        paths = sorted(self.path.glob("*.piece"))
        damaged = [path for path in paths if self.get(_Called(path.stem)) is None]
        return len(paths) - len(damaged), damaged

    def _mark(self, task: Named, ledger: str, data: bytes) -> str:
        """Return the checksum of a piece, which is another one for the same sums of another task or run."""
        return sha256(f"{self._run_id} {task.name} {ledger}\n".encode() + data).hexdigest()

    def _read(self, task: Named) -> tuple[list[str], bytes]:
        try:
            first, _, data = self._piece(task).read_bytes().partition(b"\n")
            marks = first.decode("ascii").split()
        except (OSError, UnicodeDecodeError):
            return [], b""
        return (marks, data) if len(marks) == 2 else ([], b"")

    def _piece(self, task: Named) -> Path:
        return self.path / f"{task.name}.piece"

    def _ledger(self, task: Named) -> Path:
        return self.path / f"{task.name}.parquet"


def area_of(target: Path) -> Path:
    """Return where the pieces of a run wait that will become `target`."""
    return target.parent / f".{target.name}.partial"


@contextmanager
def opened(target: Path, run_id: str, resume: bool, worth: bool = True) -> Iterator[Area]:
    """Give the area of a run; it stays behind when the block is left by an error and some piece is done.

    Where the place refuses what is written, it stays only if the run is `worth` going on with. Another
    process that plays the same run is waited for. Without `resume`, pieces that are there are dropped.
    Raises InputError where they are of other inputs and shall be resumed.
    """
    target = target.absolute()
    made = [folder for folder in target.parents if not folder.exists()]  # innermost first
    path = area_of(target)
    area = Area(path, run_id)
    try:
        path.mkdir(parents=True, exist_ok=True)
        with _locked(path):
            fewest: float = 1
            try:
                _take_over(path, run_id, resume)
                try:
                    yield area
                except MissingFact:  # nothing that was done helps to find it
                    fewest = math.inf
                    raise
                except (OSError, InputError):
                    fewest = WORTH_PIECES if worth else math.inf
                    raise
                fewest = math.inf
            finally:
                if area.pieces() < fewest:
                    shutil.rmtree(path, ignore_errors=True)  # whoever waits may be making its lock there
    finally:
        _drop_lock(path)
        for folder in (path, *made):  # those that hold something stay
            with suppress(OSError):
                folder.rmdir()


def left(target: Path, run_id: str) -> str:
    """Say what is kept of a run that ended early, how to go on with it and how to be rid of it; empty for nothing."""
    path = area_of(target.absolute())
    if not Area(path, run_id).pieces() or _inputs(path) != run_id:
        return ""
    return f"What is done is kept in {path}: --resume goes on with it, removing that folder drops it."


def _inputs(path: Path) -> str | None:
    """Return the run whose pieces are there; None where that is not said, or not whole: each piece knows its run."""
    inputs = path / INPUTS
    said = inputs.read_bytes()[:MOST_BYTES].decode("ascii", "replace").strip() if inputs.is_file() else ""
    return said if re.fullmatch(f"[0-9a-f]{{{ID_DIGITS}}}", said) else None


def _take_over(path: Path, run_id: str, resume: bool) -> None:
    there = _inputs(path)
    if resume and there not in (None, run_id):
        what = f"holds an interrupted run of other inputs ({there}); this one is {run_id}"
        raise InputError(Problem(str(path), what, "Leave out --resume to start anew, or name another --out."))
    for file in path.iterdir():
        if file.suffix == ASIDE:  # of a run that was killed as it wrote its folder
            shutil.rmtree(file, ignore_errors=True)
        elif not resume and file.suffix in OURS:
            file.unlink()
    _write_aside(path / INPUTS, run_id.encode() + b"\n")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep other processes out; the lock ends with the process, however that ends."""
    try:
        import fcntl
    except ImportError:  # without such locks two equal runs at once do the work twice, with equal files
        yield
        return
    while True:
        # Whoever held the lock may have finished and removed all, at any moment: then all begins again.
        path.mkdir(parents=True, exist_ok=True)
        kept: ExitStack | None = None
        with suppress(FileNotFoundError), ExitStack() as held:
            file = held.enter_context(open(path / LOCK, "w", encoding="utf-8"))
            fcntl.flock(file, fcntl.LOCK_EX)
            same = os.path.samestat(os.stat(path / LOCK), os.fstat(file.fileno()))
            kept = held.pop_all() if same else None
        if kept:
            with kept:
                yield
            return


def _drop_lock(path: Path) -> None:
    """Remove a lock that nobody has and that is all there is: of a process that was stopped just as it made it."""
    with suppress(OSError, ImportError):
        import fcntl

        with open(path / LOCK, encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if [each.name for each in path.iterdir()] == [LOCK]:
                (path / LOCK).unlink()


def _write_aside(path: Path, data: bytes) -> None:
    aside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        aside.write_bytes(data)
        to_disk(aside)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)

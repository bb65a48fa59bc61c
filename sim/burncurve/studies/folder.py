"""The run folder: written aside and renamed, sealed by a manifest, verified before it is used again."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from burncurve.aside import to_disk
from burncurve.errors import InputError, Problem

MANIFEST = "manifest.json"
FORMAT = "burncurve.folder/1"
LARGEST_MANIFEST_BYTES = 1 << 20
LEDGERS = "ledger"  # folder of the parts of a large ledger
MEND = "Remove the folder and run again; or simulate the same with --resume, which does this file once more."
NOTHING_LEFT = "Nothing half-written was left behind."


def complete(path: Path, run_id: str) -> bool:
    """Say whether `path` already holds the run `run_id`, whole and unchanged.

    False where nothing is there or the folder is empty. Raises InputError where something else is
    there: a file, a folder of other content, another run, or this run damaged.
    """
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return False
    if not path.is_dir():
        raise InputError(Problem(str(path), "is a file, not a folder", "Name another folder with --out."))
    manifest = manifest_of(path)
    if manifest is None:
        what = "holds files that are not of a burncurve run; it is left as it is"
        raise InputError(Problem(str(path), what, "Name a new or an empty folder with --out."))
    if manifest["id"] != run_id:
        what = f"holds another run ({manifest['id']}); this one is {run_id}"
        raise InputError(Problem(str(path), what, "Name another folder with --out, or remove this one."))
    verify(path, manifest)
    return True


def manifest_of(path: Path) -> dict[str, Any] | None:
    """Return the manifest of a run folder, None where there is none that can be understood."""
    try:
        with open(path / MANIFEST, "rb") as file:
            manifest = json.loads(file.read(LARGEST_MANIFEST_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        return None
    files = manifest.get("files")
    plain = isinstance(files, dict) and all(isinstance(k, str) and isinstance(v, str) for k, v in files.items())
    return manifest if plain and isinstance(manifest.get("id"), str) else None


def verify(path: Path, manifest: dict[str, Any]) -> None:
    """Hold every file of the folder against its checksum; raises InputError naming each that differs."""
    problems = []
    if not manifest["files"]:
        what = "its manifest seals no file: a run has a summary at least"
        problems.append(Problem(str(path / MANIFEST), what, "Remove the folder and run again."))
    problems += [Problem(str(path / name), what, MEND) for name, what in damaged(path, manifest)]
    if problems:
        raise InputError(*problems)


def damaged(path: Path, manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each file of the folder that is not as the run wrote it, and what is wrong with it."""
    for name, expected in sorted(manifest["files"].items()):
        if not (_inside(name) and (path / name).is_file()):
            yield name, "is missing from the run folder"
        elif _checksum(path / name) != expected:
            yield name, "is not as the run wrote it (checksum differs)"


def sealed(path: Path) -> frozenset[str]:
    """Return the names of the files that the manifest of a run folder seals."""
    manifest = manifest_of(path)
    return frozenset(manifest["files"]) if manifest else frozenset()


def _inside(name: str) -> bool:
    """Say whether the name of a manifest is that of a file in its folder, at most one folder below."""
    parts = PurePosixPath(name).parts
    return 1 <= len(parts) <= 2 and not {"..", "/"} & {*parts} and "\0" not in name and "\\" not in name


@contextmanager
def written_aside(target: Path, run_id: str, inside: Path | None = None) -> Iterator[Path]:
    """Give an empty folder beside `target`; when the block ends well it is sealed and becomes `target`.

    It lies in the folder `inside`, of the same file system, where one is named. When the block fails or is
    interrupted, everything that was written is removed, with the parent folders made for it. Raises InputError where
    the place cannot be written or the disk is full.
    """
    target = target.absolute()
    made = [folder for folder in target.parents if not folder.exists()]  # innermost first
    aside = (inside or target.parent) / f".{target.name}.{os.getpid()}.part"
    try:
        with refusals(target):
            aside.mkdir(parents=True)
        yield aside
        with refusals(target):
            _seal(aside, run_id)
            _move(aside, target, run_id)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        for folder in made:
            with suppress(OSError):
                folder.rmdir()


@contextmanager
def refusals(target: Path) -> Iterator[None]:
    """Turn what the file system refuses inside the block into one InputError about `target`."""
    try:
        yield
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        remedy = f"{NOTHING_LEFT} Name another folder with --out, or make room."
        raise InputError(Problem(str(target), what, remedy)) from error


def _move(aside: Path, target: Path, run_id: str) -> None:
    try:
        aside.rename(target.resolve())
    except OSError as error:
        if complete(target, run_id):  # another process may have finished the same run first
            return
        if error.errno not in (errno.EBUSY, errno.EXDEV):
            raise
        _fill(aside, target)


def _fill(aside: Path, target: Path) -> None:
    """Copy a sealed folder into an empty one that cannot be replaced, such as a mount point; the manifest last."""
    names = sorted((path.name for path in aside.iterdir()), key=lambda name: (name == MANIFEST, name))
    try:
        for name in names:
            copy = shutil.copytree if (aside / name).is_dir() else shutil.copyfile
            copy(aside / name, target / name)
    except BaseException:
        for name in names:
            shutil.rmtree(target / name) if (target / name).is_dir() else (target / name).unlink(missing_ok=True)
        raise


def _seal(folder: Path, run_id: str) -> None:
    found = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    files = {name: _checksum(folder / name) for name in found}
    text = json.dumps({"format": FORMAT, "id": run_id, "files": files}, indent=2) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    for path in (*map(folder.joinpath, found), folder / MANIFEST, folder):
        to_disk(path)


def _checksum(file: Path) -> str:
    digest = sha256()
    with open(file, "rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()

"""What is kept of files that were read and of classes that were written: never stale, and not needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from burncurve import catalogue, kept, methods, prices
from burncurve.documents import remembered

PACKAGE = Path(__file__).parents[2] / "sim" / "burncurve"
OPUS = """
from burncurve import catalogue, prices
facts = {fact.name: fact.value for fact in catalogue.facts(catalogue.load().offer("anthropic/claude-opus-4.6"))}
print(facts["window_tokens"], prices.load("list").about)
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's cache of one's own, for this process."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    kept.folder.cache_clear()
    kept.here.cache_clear()
    yield tmp_path / "burncurve"
    kept.folder.cache_clear()
    kept.here.cache_clear()


def run(program: str, folder: Path, cache: Path, *words: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(folder), "XDG_CACHE_HOME": str(cache), "NUMBA_CACHE_DIR": ""}
    command = [sys.executable, *words, "-c", program] if program else [sys.executable, *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=cache.parent)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def edit(path: Path, old: str, new: str) -> None:
    """Edit a file so that not even the clock gives it away."""
    stamp, text = path.stat(), path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))


def test_an_edited_file_or_reader_changes_the_next_run(tmp_path: Path) -> None:
    package, cache = tmp_path / "burncurve", tmp_path / "cache"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    cache.mkdir()
    before = run(OPUS, tmp_path, cache)
    assert run(OPUS, tmp_path, cache) == before
    (there,) = (cache / "burncurve").iterdir()
    assert {path.name for path in there.iterdir()} == {"book-list", "catalogue"}
    window, about = before.split(maxsplit=1)
    opus = "{value: 1000000, source: million, date: 2026-03-13}"
    edit(package / "catalogue" / "data" / "anthropic.yaml", opus, opus.replace("1000000", "7000000"))
    assert run(OPUS, tmp_path, cache) == f"7000000 {about}" != f"{window} {about}"
    edit(package / "prices" / "reading.py", "    about = reader.text(", "    about = 'edited ' + reader.text(")
    assert run(OPUS, tmp_path, cache) == f"7000000 edited {about}"


def test_what_is_kept_is_what_is_read(cache: Path) -> None:
    first, second = ((catalogue.load(), prices.load("list")) for _ in range(2))
    assert first == second
    assert sorted(path.name for path in kept.here().iterdir()) == ["book-list", "catalogue"]
    for path in kept.here().iterdir():  # damaged: read again, and kept again
        path.write_bytes(path.read_bytes()[:-1])
    assert (catalogue.load(), prices.load("list")) == first
    assert (catalogue.load(), prices.load("list")) == first


def test_files_are_told_apart_by_name_and_content(cache: Path) -> None:
    made: list[int] = []

    def read() -> int:
        made.append(len(made))
        return made[-1]

    for files in ({"a": b"x"}, {"a": b"x"}, {"b": b"x"}, {"b": b"y"}, {"b": b"", "y": b""}):
        remembered("numbers", files, read)
    assert made == [0, 1, 2, 3]


def test_where_nothing_can_be_kept_it_is_read(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_is_safe", lambda path: False)
    assert kept.here() is None
    assert remembered("numbers", {}, lambda: 3) == 3
    with methods.remembered("run"):
        assert _square(3).area == 9


def test_nobody_else_can_have_put_it_there(cache: Path) -> None:
    cache.mkdir(mode=0o777)
    cache.chmod(0o777)
    assert not str(kept.here()).startswith(str(cache))


def _square(side: int):
    import dataclasses

    @dataclasses.dataclass(frozen=True, slots=True)
    class Square:
        side: int

        @property
        def area(self) -> int:
            return self.side**2

    return Square(side)


def test_classes_are_the_same_from_what_was_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    compiled: list[str] = []
    usual = builtins.compile

    def counted(text, *rest, **more):
        compiled.append(text)
        return usual(text, *rest, **more)

    monkeypatch.setattr(builtins, "compile", counted)
    shown = []
    for often in (True, False, True):
        compiled.clear()
        with methods.remembered("run"):
            square = _square(4)
        assert (square == type(square)(4), square.area, hash(square) == hash((4,))) == (True, 16, True)
        with pytest.raises(AttributeError):
            square.side = 5
        shown.append((repr(square), bool(compiled)))
        if not often:
            (file,) = kept.here().iterdir()
            file.write_bytes(file.read_bytes()[:-5])  # damaged: compiled again
    assert shown == [("_square.<locals>.Square(side=4)", here) for here in (True, False, True)]


def test_the_command_keeps_them_and_says_the_same(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    words = ("-m", "burncurve", "prices", "anthropic/claude-opus-4.6", "--format", "json")
    first = run("", PACKAGE.parent, cache, *words)
    (file,) = (cache / "burncurve").glob("*/methods-prices")
    before = file.read_bytes()
    assert run("", PACKAGE.parent, cache, *words) == first
    assert file.read_bytes() == before
    run("", PACKAGE.parent, cache, "-m", "burncurve", "--help")
    assert [path.name for path in file.parent.glob("methods-*")] == ["methods-prices"]

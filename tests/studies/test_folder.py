"""A run folder is whole or not there."""

import errno
import os
from pathlib import Path

import pytest

from burncurve.errors import InputError
from burncurve.studies.folder import MANIFEST, complete, refusals, written_aside

RUN_ID = "0123456789abcdef"


def write(target: Path, text: str = "hello") -> None:
    with written_aside(target, RUN_ID) as aside, refusals(target):
        (aside / "summary.json").write_text(text)


def test_a_finished_folder_is_complete_and_used_again(tmp_path: Path) -> None:
    target = tmp_path / "results" / "scenario" / RUN_ID
    assert not complete(target, RUN_ID)
    write(target)
    assert sorted(path.name for path in target.iterdir()) == [MANIFEST, "summary.json"]
    assert complete(target, RUN_ID)
    assert [path.name for path in target.parent.iterdir()] == [RUN_ID], "nothing is left aside"


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert not complete(tmp_path / "empty", RUN_ID)
    write(tmp_path / "empty")
    assert complete(tmp_path / "empty", RUN_ID)


@pytest.mark.parametrize("foreign", ["notes.txt", MANIFEST])
def test_a_foreign_folder_is_refused_and_left_as_it_is(tmp_path: Path, foreign: str) -> None:
    (tmp_path / foreign).write_text('{"name": "a web app"}')
    with pytest.raises(InputError, match="not of a burncurve run"):
        complete(tmp_path, RUN_ID)
    with pytest.raises(InputError, match="not of a burncurve run"):
        write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [foreign]


def test_another_run_and_a_file_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "run")
    with pytest.raises(InputError, match="holds another run"):
        complete(tmp_path / "run", "fedcba9876543210")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="not a folder"):
        complete(tmp_path / "file", RUN_ID)


def test_every_damaged_file_is_named(tmp_path: Path) -> None:
    with written_aside(tmp_path / "run", RUN_ID) as aside:
        for name in ("a", "b", "c"):
            (aside / name).write_text(name)
    (tmp_path / "run" / "a").write_text("changed")
    (tmp_path / "run" / "b").unlink()
    with pytest.raises(InputError) as refused:
        complete(tmp_path / "run", RUN_ID)
    assert [Path(problem.where).name for problem in refused.value.problems] == ["a", "b"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_fails_leaves_nothing_behind(tmp_path: Path, error: type[BaseException]) -> None:
    def half() -> None:
        with written_aside(tmp_path / "results" / "x" / RUN_ID, RUN_ID) as aside:
            (aside / "half").write_text("half")
            raise error

    with pytest.raises(error):
        half()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_message_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(InputError, match="No space left"):
        write(tmp_path / "results" / RUN_ID)
    assert list(tmp_path.iterdir()) == []


def test_the_second_of_two_equal_runs_finds_the_first(tmp_path: Path) -> None:
    with written_aside(tmp_path / "run", RUN_ID) as aside:
        (aside / "summary.json").write_text("hello")
        os.rename(aside, tmp_path / "elsewhere")
        write(tmp_path / "run")
        os.rename(tmp_path / "elsewhere", aside)
    assert complete(tmp_path / "run", RUN_ID)


@pytest.mark.parametrize("outside", ["../../etc/passwd", "../passwd", "/etc/passwd"])
def test_a_manifest_cannot_point_outside(tmp_path: Path, outside: str) -> None:
    write(tmp_path / "run")
    (tmp_path / "passwd").touch()
    manifest = tmp_path / "run" / MANIFEST
    manifest.write_text(manifest.read_text().replace("summary.json", outside))
    with pytest.raises(InputError, match=r"passwd: is missing"):
        complete(tmp_path / "run", RUN_ID)

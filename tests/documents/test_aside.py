"""A file is whole or not there; a link that somebody left is neither followed nor replaced."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from burncurve.aside import written_aside


def write(target: Path, text: bytes = b"new", overwrite: bool = False) -> None:
    with written_aside(target, overwrite=overwrite) as file:
        file.write(text)


def test_it_is_there_when_the_block_ends_and_nothing_else_is(tmp_path: Path) -> None:
    write(tmp_path / "x")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"x": b"new"}


def test_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("old")
    with pytest.raises(FileExistsError):
        write(tmp_path / "x")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"x": "old"}
    write(tmp_path / "x", overwrite=True)
    assert (tmp_path / "x").read_bytes() == b"new"


@pytest.mark.parametrize("there", [True, False])
def test_a_link_in_its_place_is_not_followed(tmp_path: Path, there: bool) -> None:
    precious = tmp_path / "precious"
    if there:
        precious.write_text("old")
    (tmp_path / "x").symlink_to(precious)
    with pytest.raises(FileExistsError):
        write(tmp_path / "x")
    assert precious.exists() == there
    assert (tmp_path / "x").is_symlink()


def test_without_second_names_it_is_renamed_and_overwrites_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", unknown)
    write(tmp_path / "x")
    with pytest.raises(PermissionError):
        write(tmp_path / "x", b"other")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"x": b"new"}


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    def half() -> None:
        with written_aside(tmp_path / "x") as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert list(tmp_path.iterdir()) == []

"""A table declared once: each column's name, type, unit and meaning give checks, file schema and reference page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column of integers; where `nullable`, -1 stands for "there is none" and files hold null."""

    name: str
    dtype: str
    unit: str
    meaning: str
    nullable: bool = False
    names: str = ""  # which list of names the integer points into; files hold the name


@dataclass(frozen=True, slots=True)
class Schema:
    """An ordered set of columns with a version; `index` maps a name to its place."""

    version: int
    columns: tuple[Column, ...]

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

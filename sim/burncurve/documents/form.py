"""What a kind of file allows, and what its messages say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of file: its name with its article, the remedy where there is none or it is empty, and its bounds."""

    name: str
    begin: str
    most_bytes: int
    most_depth: int
    most_values: int
    anchors: bool = False
    """Whether `*name` may repeat what `&name` marks; expanding it is the reader's."""

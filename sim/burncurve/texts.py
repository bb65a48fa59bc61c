"""Texts of others made harmless for where they are shown: terminals, spreadsheets, Markdown."""

from __future__ import annotations

import re

_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")
_MARKDOWN = re.compile(r"[|<>\[\]\\]")
_ENTITIES = {"|": "\\|", "<": "&lt;", ">": "&gt;", "[": "\\[", "]": "\\]", "\\": "\\\\"}


def escaped(text: str) -> str:
    r"""Return the text with what could move a cursor or hide letters written out, as in \x1b; lines stay lines."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() or letter == "\n" else _code(letter) for letter in text)


def _code(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


def inert(cell: object) -> object:
    """Return a cell of a CSV file: no controls, and an apostrophe before what a spreadsheet takes for a formula."""
    if not isinstance(cell, str):
        return cell
    return f"'{escaped(cell)}" if cell.startswith(_FORMULA_BEGINS) else escaped(cell)


def in_markdown(text: str) -> str:
    """Return the text for a cell of a Markdown table: on one line; no new column, HTML, link or picture."""
    return _MARKDOWN.sub(lambda match: _ENTITIES[match.group()], " ".join(text.splitlines()))

"""The formats that are known, in the order in which they are asked whether a record is theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from burncurve.importers import claude_code, codex, langfuse, litellm, openclaw, openrouter, plain, telemetry
from burncurve.importers.frame import Format, Record
from burncurve.importers.lines import Blank
from burncurve.importers.records import Item, parsed, parts

FORMATS: Sequence[Format] = (
    claude_code.FORMAT, codex.FORMAT, openclaw.FORMAT, openrouter.FORMAT, litellm.FORMAT, langfuse.FORMAT,
    telemetry.FORMAT, plain.FORMAT,
)  # fmt: skip
BY_NAME: Mapping[str, Format] = {each.name: each for each in FORMATS}
LOOKED_AT = 50  # records of a file by which its format is recognised


def format_of(items: Iterable[Item]) -> Format | None:
    """Return the format of the first item that one recognises."""
    return next(filter(None, map(_format_of, items)), None)


def _format_of(item: Item) -> Format | None:
    if isinstance(item, Blank):
        return None
    record = parsed(item) if isinstance(item, bytes) else item
    for part in parts(record)[:1]:
        if not isinstance(part, str):
            return next((each for each in FORMATS if each.recognises(part)), None)
    return None


def of_another(form: Format, record: Record) -> bool:
    """Say whether a record is one of another format."""
    return not form.recognises(record) and any(each.recognises(record) for each in FORMATS)

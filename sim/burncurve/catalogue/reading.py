"""Reading the catalogue from YAML: every fact checked, every problem with file, line and column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from burncurve.catalogue.facts import Fact, Status, Value
from burncurve.catalogue.plan_reading import plans_in
from burncurve.catalogue.plans import Plan
from burncurve.catalogue.specs import BY_NAME, LIMITS, Kind, Spec
from burncurve.documents import Form, Items, Node, Reader
from burncurve.errors import did_you_mean
from burncurve.words import OFFER_NAME

History = tuple[Fact, ...]
Stated = dict[str, History]

CATALOGUE = Form("a file of the catalogue", "write `offers: {provider/model: {...}}`", 2_000_000, 20, 200_000)
LARGEST = 1e12
MOST_TOKENS = (1 << 31) - 1  # as the ledger counts them
_OFFER = re.compile(OFFER_NAME)
_REPRESENTATIVE = Spec("representative", "", Kind.WHOLE, "")
_PARTS = ("sources", "common", "offers")
_ENTRY_FIELDS = ("value", "source", "date", "unknown", "assumed")


@dataclass(frozen=True, slots=True)
class Entry:
    """An offer as one file states it: only the facts that stand there."""

    name: str
    representative: int
    stated: Stated
    where: str


def read_offers(content: bytes, name: str) -> tuple[Entry, ...]:
    """Return the offers of one file; raises InputError with every problem in it."""
    reader = Reader(content, name, CATALOGUE)
    entries = _offers(reader, reader.fields(reader.root, "catalogue", _PARTS, ("offers",)))
    reader.finish()
    return entries


def _offers(reader: Reader, root: Mapping[str, Node]) -> tuple[Entry, ...]:
    sources = _sources(reader, root.get("sources"))
    common = _stated(reader, root["common"], "common", sources)[0] if "common" in root else {}
    return _entries(reader, root["offers"], sources, common) if "offers" in root else ()


def read_own(content: bytes, name: str) -> tuple[tuple[Entry, ...], dict[str, Plan]]:
    """Return the offers and the plans of a file of one's own, which may hold both; raises InputError."""
    reader = Reader(content, name, CATALOGUE)
    root = reader.fields(reader.root, "catalogue", (*_PARTS, "plans"), ())
    if not root.keys() & {"offers", "plans"} and not reader.problems:
        reader.fail(reader.root.mark, "holds neither offers nor plans", "write `offers: {...}` or `plans: {...}`")
    found = _offers(reader, root), plans_in(reader, root["plans"]) if "plans" in root else {}
    reader.finish()
    return found


def read_assumptions(content: bytes, name: str) -> Mapping[str, Fact]:
    """Return what stands in for unknown facts, by fact; raises InputError with every problem."""
    reader = Reader(content, name, CATALOGUE)
    assumptions = {}
    for fact, node in reader.fields(reader.root, "assumptions", tuple(BY_NAME), ()).items():
        found = reader.fields(node, fact, ("assumed", "why"), ("assumed", "why"))
        if "assumed" in found and "why" in found:
            value = _value(reader, BY_NAME[fact], found["assumed"])
            why = f"assumption: {reader.text(found['why'], 'why')}"
            assumptions[fact] = Fact(fact, value, BY_NAME[fact].unit, why, None, Status.ASSUMED)
    reader.finish()
    return assumptions


def _sources(reader: Reader, node: Node | None) -> dict[str, str]:
    if node is None:
        return {}
    return {pair.key: reader.text(pair.value, pair.key) for pair in reader.pairs(node, "sources")}


def _entries(reader: Reader, node: Node, sources: Mapping[str, str], common: Stated) -> tuple[Entry, ...]:
    entries = []
    for pair in reader.pairs(node, "offers"):
        name = pair.key
        if not _OFFER.fullmatch(name):
            remedy = "write provider/model, such as anthropic/claude-opus-4.6"
            reader.fail(pair.mark, f"`{name}` is not the name of an offer", remedy)
        stated, representative = _stated(reader, pair.value, name, sources)
        entries.append(Entry(name, representative, {**common, **stated}, str(pair.mark)))
    return tuple(entries)


def _stated(reader: Reader, node: Node, title: str, sources: Mapping[str, str]) -> tuple[Stated, int]:
    found = reader.fields(node, title, (*BY_NAME, "representative"), ())
    place = found.pop("representative", None)
    representative = int((place and _number(reader, place, _REPRESENTATIVE)) or 0)
    return {name: _history(reader, BY_NAME[name], entry, sources) for name, entry in found.items()}, representative


def _history(reader: Reader, spec: Spec, node: Node, sources: Mapping[str, str]) -> History:
    if not isinstance(node, Items):
        return (_fact(reader, spec, node, sources),)
    history = tuple(_fact(reader, spec, entry, sources) for entry in node.entries)
    dates = [fact.date for fact in history]
    if not history or None in dates or sorted(set(map(str, dates))) != list(map(str, dates)):
        reader.fail(
            node.mark, f"{spec.name}: the entries of a history need rising dates", "give each a date, oldest first"
        )
    return history


def _fact(reader: Reader, spec: Spec, node: Node, sources: Mapping[str, str]) -> Fact:
    found = reader.fields(node, spec.name, _ENTRY_FIELDS, ())
    on = _day(reader, found["date"], "date") if "date" in found else None
    if "unknown" in found:
        return _unknown(reader, spec, node, found, on)
    for field in ("value", "source", "date"):
        if field not in found:
            remedy = "write {value, source, date}, or {unknown: why} where nobody says"
            reader.fail(node.mark, f"{spec.name}: `{field}` is missing", remedy)
    if "assumed" in found:
        reader.fail(found["assumed"].mark, f"{spec.name}: `assumed` stands beside a value", "keep one of the two")
    value = _value(reader, spec, found["value"]) if "value" in found else None
    source = _source(reader.text(found["source"], "source"), sources) if "source" in found else ""
    return Fact(spec.name, value, spec.unit, source, on, Status.KNOWN)


def _unknown(reader: Reader, spec: Spec, node: Node, found: Mapping[str, Node], on: date | None) -> Fact:
    if "value" in found:
        reader.fail(node.mark, f"{spec.name}: is both known and unknown", "keep `value` or `unknown`")
    why = reader.text(found["unknown"], "unknown")
    if "assumed" not in found:
        return Fact(spec.name, None, spec.unit, why, on, Status.UNKNOWN)
    value = _value(reader, spec, found["assumed"])
    return Fact(spec.name, value, spec.unit, f"assumption: {why}", on, Status.ASSUMED)


def _source(text: str, sources: Mapping[str, str]) -> str:
    """Return a source with the name it begins with written out."""
    name, colon, rest = text.partition(":")
    if name not in sources:
        return text
    return f"{sources[name]};{rest}" if colon else sources[name]


def _value(reader: Reader, spec: Spec, node: Node) -> Value:
    if spec.kind is Kind.LIMITS:
        return _limits(reader, node)
    if spec.kind is Kind.SPAN and isinstance(node, Items):
        return _span(reader, node, spec.name)
    if spec.kind is Kind.FLAG:
        return _flag(reader, node, spec.name)
    if spec.kind is Kind.DAY:
        return _day(reader, node, spec.name)
    if spec.kind in (Kind.TEXT, Kind.CHOICE):
        return _word(reader, node, spec)
    return _number(reader, node, spec)


def _word(reader: Reader, node: Node, spec: Spec) -> str:
    word = reader.text(node, spec.name)
    if word and spec.choices and word not in spec.choices:
        reader.fail(node.mark, f"{spec.name}: `{word}` is not known", did_you_mean(word, spec.choices))
    return word


def _flag(reader: Reader, node: Node, field: str) -> bool | None:
    text = reader.text(node, field)
    if text in ("true", "false"):
        return text == "true"
    reader.fail(node.mark, f"{field}: `{text}` is neither true nor false", "write true or false")
    return None


def _day(reader: Reader, node: Node, field: str) -> date | None:
    text = reader.text(node, field)
    try:
        return date.fromisoformat(text)
    except ValueError:
        reader.fail(node.mark, f"{field}: `{text}` is not a day", "write it like 2026-02-05")
        return None


def _number(reader: Reader, node: Node, spec: Spec) -> int | float | None:
    text = reader.text(node, spec.name)
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    low = 0.0 if spec.kind is Kind.SHARE else 1e-9
    high = 1.0 if spec.kind is Kind.SHARE else (MOST_TOKENS if spec.unit == "tokens" else LARGEST)
    whole = spec.kind is Kind.WHOLE
    if not low <= number <= high or (whole and number != int(number)):  # a NaN fails the comparison too
        rule = f"{spec.kind.value} up to {high:,.0f}" if number > high > 1 else spec.kind.value
        reader.fail(node.mark, f"{spec.name}: `{text}` is not {rule}", "write a plain number such as 1000")
        return None
    return int(number) if whole else number


def _span(reader: Reader, node: Node, field: str) -> tuple[float, float] | None:
    spec = replace(BY_NAME[field], kind=Kind.NUMBER)
    ends = [_number(reader, end, spec) for end in reader.items(node, field)]
    if len(ends) == 2 and ends[0] is not None and ends[1] is not None and ends[0] <= ends[1]:
        return ends[0], ends[1]
    reader.fail(node.mark, f"{field}: a span has two ends, the lower first", "write [300, 600]")
    return None


def _limits(reader: Reader, node: Node) -> Mapping[str, Mapping[str, int]]:
    whole = Spec("limit", "", Kind.WHOLE, "")
    tiers: dict[str, dict[str, int]] = {}
    for tier in reader.pairs(node, "limits"):
        tiers[tier.key] = {}
        for name, limit in reader.fields(tier.value, f"tier {tier.key}", LIMITS, ()).items():
            number = _number(reader, limit, replace(whole, name=name))
            tiers[tier.key][name] = 0 if number is None else int(number)
    return tiers

"""Reading plans from YAML: every field checked, overlapping dates refused, every problem with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cache, partial
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from burncurve.catalogue.plans import (
    COUNTS_FROM,
    FIRST_USE,
    FOREVER,
    HourlyWeights,
    Plan,
    PlanPrice,
    PlanQuota,
    PlanTerm,
)
from burncurve.documents import Form, Node, Reader, read_bytes
from burncurve.documents.hours import HOURS_FIELDS, hours_of
from burncurve.documents.nodes import Mark
from burncurve.documents.values import decimal_of, moment_at
from burncurve.errors import Problem, did_you_mean, shown
from burncurve.words import OFFER_NAME, US_PER_HOUR

PLANS = Path(__file__).parent / "data" / "plans"
PLAN_FILE = Form("a file of plans", "write `plans: {name: {...}}`", 2_000_000, 20, 200_000)
TOKEN_METERS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")

_PLAN_FIELDS = ("seller", "offers", "prices", "quotas", "terms")
_PRICE_FIELDS = ("valid_from", "valid_until", "per_month", "unknown", "currency", "source", "note")
_QUOTA_FIELDS = (
    "name", "window", "unit", "limit", "unknown", "stated", "per_request", "per_call", "per_mtok", "weights",
    "assumption", "valid_from", "valid_until", "source", "counts_from", "hours",
)  # fmt: skip
_TERM_FIELDS = ("valid_from", "valid_until", "clients", "source")
_MOST = {"per_request": 1_000_000, "per_call": 1_000_000, "per_mtok": 100_000, "weights": 1_000}
_HOURS = {"h": 1, "d": 24}
MOST_HOURS = 100
_WINDOW = re.compile(r"(\d{1,4})([hd])")
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
_COVERED = re.compile(rf"{OFFER_NAME}|[A-Za-z0-9_.-]{{1,64}}/\*")
_CURRENCY = re.compile(r"[A-Z]{3}")

Dated = PlanPrice | PlanQuota | PlanTerm


@cache
def shipped_plans() -> Mapping[str, Plan]:
    """Return the shipped plans by name."""
    files = sorted(PLANS.glob("*.yaml"))
    return {name: plan for path in files for name, plan in read_plans(read_bytes(path, PLAN_FILE), path.name).items()}


def read_plans(content: bytes, name: str) -> dict[str, Plan]:
    """Return the plans of one file; raises InputError with every problem in it."""
    reader = Reader(content, name, PLAN_FILE)
    root = reader.fields(reader.root, "plans file", ("plans",), ("plans",))
    plans = plans_in(reader, root["plans"]) if "plans" in root else {}
    reader.finish()
    return plans


def plans_in(reader: Reader, node: Node) -> dict[str, Plan]:
    """Return the plans below a node of a file; what is wrong with them is the reader's to tell."""
    plans: dict[str, Plan] = {}
    for pair in reader.pairs(node, "plans"):
        if not _NAME.fullmatch(pair.key):
            reader.fail(pair.mark, f"{shown(pair.key)} is not the name of a plan", "write it like claude-max-20x")
        plans[pair.key] = _plan(reader, pair.key, pair.value, pair.mark)
    return plans


def _plan(reader: Reader, name: str, node: Node, mark: Mark) -> Plan:
    found = reader.fields(node, name, _PLAN_FIELDS, ("seller", "offers", "prices", "terms"))
    offers = reader.items(found["offers"], "offers") if "offers" in found else []
    covered = tuple(_covered(reader, each) for each in offers)
    return Plan(
        name,
        reader.text(found["seller"], "seller") if "seller" in found else "",
        covered,
        _dated(reader, found.get("prices"), "prices", _price),
        _dated(reader, found.get("quotas"), "quotas", partial(_quota, covered=covered)),
        _dated(reader, found.get("terms"), "terms", _term),
        str(mark),
    )


def _covered(reader: Reader, node: Node) -> str:
    text = reader.text(node, "offers")
    if text and not _COVERED.fullmatch(text):
        reader.fail(node.mark, f"offers: {shown(text)} is not the name of an offer", "write maker/model, or maker/*")
    return text


def _dated(reader: Reader, node: Node | None, title: str, one: Callable[[Reader, Node], Dated]) -> tuple[Any, ...]:
    """Return the entries of a list, each of which holds until the next one of its kind begins."""
    entries = [(one(reader, each), each) for each in reader.items(node, title)] if node is not None else []
    ended: list[Dated] = []
    for _, group in groupby(sorted(entries, key=lambda e: _kind(e[0])), key=lambda e: _kind(e[0])):
        ordered = sorted(group, key=lambda entry: entry[0].valid_from)
        for (entry, _), (after, mark_of) in pairwise(ordered):
            if entry.valid_from == after.valid_from or FOREVER != entry.valid_until > after.valid_from:
                what = f"{title}: the entry from {after.valid_from:%Y-%m-%d} overlaps the one before it"
                reader.fail(mark_of.mark, what, "give the earlier one a `valid_until` that is not later")
            ended.append(replace(entry, valid_until=min(entry.valid_until, after.valid_from)))
        ended.append(ordered[-1][0])
    return tuple(ended)


def _kind(entry: Dated) -> str:
    return entry.name if isinstance(entry, PlanQuota) else ""


def _span(reader: Reader, node: Node, found: Mapping[str, Node]) -> tuple[datetime, datetime]:
    first = moment_at(reader, found.get("valid_from"), "valid_from")
    last = moment_at(reader, found["valid_until"], "valid_until") if "valid_until" in found else FOREVER
    if last <= first and "valid_from" in found:
        reader.fail(node.mark, f"valid_until {last:%Y-%m-%d} is not after {first:%Y-%m-%d}", "correct one of the two")
    return first, last


def _price(reader: Reader, node: Node) -> PlanPrice:
    found = reader.fields(node, "price", _PRICE_FIELDS, ("valid_from", "source"))
    currency = reader.text(found["currency"], "currency") if "currency" in found else "USD"
    if not _CURRENCY.fullmatch(currency):
        reader.fail(found["currency"].mark, f"currency: {shown(currency)} is not the code of one", "write USD or CNY")
    amount = _known(reader, node, found, "per_month")
    note = _text(reader, found, "unknown") or _text(reader, found, "note")
    span = _span(reader, node, found)
    return PlanPrice(amount, currency, *span, _text(reader, found, "source"), note, str(node.mark))


def _known(reader: Reader, node: Node, found: Mapping[str, Node], field: str) -> Decimal | None:
    if (field in found) == ("unknown" in found):
        reader.fail(node.mark, f"{field}: give a number, or `unknown` and why", f"write `{field}: 100`")
        return None
    return decimal_of(reader, found[field], field) if field in found else None


def _text(reader: Reader, found: Mapping[str, Node], field: str) -> str:
    return reader.text(found[field], field) if field in found else ""


def _quota(reader: Reader, node: Node, covered: Sequence[str]) -> PlanQuota:
    found = reader.fields(node, "quota", _QUOTA_FIELDS, ("name", "window", "unit", "valid_from", "source"))
    use = {name: _amount(reader, found, name) for name in ("per_request", "per_call")}
    first, last = _span(reader, node, found)
    per_mtok = _amounts(reader, found.get("per_mtok"), "per_mtok", TOKEN_METERS)
    if "limit" in found and not any((*use.values(), *per_mtok.values())):
        remedy = "add per_request, per_call or per_mtok; or give `unknown` and why in place of the limit"
        reader.fail(found["limit"].mark, "limit: nothing says how much of it work takes", remedy)
    limit = _known(reader, node, found, "limit")
    if limit is not None and not limit:
        remedy = "give more than 0; or, where its size is not known, `unknown` and why in its place"
        reader.fail(found["limit"].mark, "limit: 0 leaves room for no call at all", remedy)
    return PlanQuota(
        name=_text(reader, found, "name"),
        window_us=_window(reader, found["window"]) if "window" in found else 0,
        unit=_text(reader, found, "unit"),
        limit=limit,
        stated=_text(reader, found, "stated") or _text(reader, found, "unknown"),
        per_request=use["per_request"],
        per_call=use["per_call"],
        per_mtok=per_mtok,
        weights=_weights(reader, found.get("weights"), covered),
        assumption=_text(reader, found, "assumption"),
        valid_from=first,
        valid_until=last,
        source=_text(reader, found, "source"),
        counts_from=_counts_from(reader, found["counts_from"]) if "counts_from" in found else FIRST_USE,
        hourly=_hourly(reader, found["hours"], covered) if "hours" in found else (),
        where=str(node.mark),
    )


def _amount(reader: Reader, found: Mapping[str, Node], field: str) -> Decimal:
    return _use(reader, found[field], field, field) if field in found else Decimal(0)


def _use(reader: Reader, node: Node, field: str, kind: str) -> Decimal:
    """Return how much work takes; what engines could not count up in 64 bits is refused."""
    amount = decimal_of(reader, node, field) or Decimal(0)
    if amount > _MOST[kind]:
        reader.fail(node.mark, f"{field}: {amount} is more than {_MOST[kind]:,}", "take a larger unit for the quota")
    return amount


def _amounts(reader: Reader, node: Node | None, title: str, known: Sequence[str]) -> dict[str, Decimal]:
    amounts: dict[str, Decimal] = {}
    for pair in reader.pairs(node, title) if node is not None else ():
        if known and pair.key not in known:
            reader.fail(pair.mark, f"{title}: unknown field {shown(pair.key)}", did_you_mean(pair.key, known))
        amounts[pair.key] = _use(reader, pair.value, pair.key, title)
    return amounts


def _weights(reader: Reader, node: Node | None, covered: Sequence[str]) -> dict[str, Decimal]:
    for pair in reader.pairs(node, "weights") if node is not None else ():
        if not _COVERED.fullmatch(pair.key):
            what = f"weights: {shown(pair.key)} is not the name of an offer"
            reader.fail(pair.mark, what, "write maker/model, or maker/*")
        elif covered and not any(_meet(pair.key, offer) for offer in covered):
            what = f"weights: the plan does not cover {shown(pair.key)}, so its weight changes nothing"
            reader.fail(pair.mark, what, did_you_mean(pair.key, covered))
    return _amounts(reader, node, "weights", ())


def _meet(one: str, other: str) -> bool:
    """Say whether two of maker/model and maker/* have an offer in common."""
    (maker, _, model), (seller, _, sold) = one.partition("/"), other.partition("/")
    return maker == seller and (model == sold or "*" in (model, sold))


def unsold(plan: Plan, offers: Collection[str]) -> Iterator[Problem]:
    """Yield the weights of a plan that are of no offer there is."""
    for quota in plan.quotas:
        named = [quota.weights, *(each.weights for each in quota.hourly)]
        for name in dict.fromkeys(offer for weights in named for offer in weights):
            if not any(_meet(name, offer) for offer in offers):
                what = f"weights: there is no offer {shown(name)} in the catalogue"
                yield Problem(quota.where, what, did_you_mean(name, offers))


def _counts_from(reader: Reader, node: Node) -> str:
    text = reader.text(node, "counts_from")
    if text in COUNTS_FROM:
        return text
    reader.fail(node.mark, f"counts_from: {shown(text)} is not known", did_you_mean(text, COUNTS_FROM))
    return FIRST_USE


def _hourly(reader: Reader, node: Node, covered: Sequence[str]) -> tuple[HourlyWeights, ...]:
    """Return the weights of some hours; no two entries have a minute in common."""
    read: list[HourlyWeights] = []
    entries = reader.items(node, "hours")
    if len(entries) > MOST_HOURS:
        reader.fail(node.mark, f"hours: more than {MOST_HOURS} entries", "one entry may name many spans and days")
        return ()
    for each in entries:
        found = reader.fields(each, "hours", (*HOURS_FIELDS, "weights"), ("utc", "weights"))
        entry = HourlyWeights(hours_of(reader, found), _weights(reader, found.get("weights"), covered))
        if "weights" in found and not entry.weights:
            reader.fail(found["weights"].mark, "weights: empty, so these hours change nothing", "name an offer")
        day = next((day for other in read if (day := other.hours.meet_on(entry.hours))), "")
        if day:
            what = f"hours: two entries meet on {day}"
            reader.fail(each.mark, what, "give each hour to one of them, or other `days`")
        read.append(entry)
    return tuple(read)


def _window(reader: Reader, node: Node) -> int:
    text = reader.text(node, "window")
    match = _WINDOW.fullmatch(text)
    if match is None or not int(match[1]):
        reader.fail(node.mark, f"window: {shown(text)} is not a length of time", "write 5h or 7d")
        return US_PER_HOUR
    return int(match[1]) * _HOURS[match[2]] * US_PER_HOUR


def _term(reader: Reader, node: Node) -> PlanTerm:
    found = reader.fields(node, "term", _TERM_FIELDS, ("valid_from", "clients", "source"))
    clients = reader.items(found["clients"], "clients") if "clients" in found else []
    names = tuple(reader.text(each, "clients") for each in clients)
    return PlanTerm(names, *_span(reader, node, found), _text(reader, found, "source"))

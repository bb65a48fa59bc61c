"""Documents of a run folder. Read back they are checked: whoever could write there could write anything.

A shape is `str`, `bool`, `float` (a finite number), a dict (at least these fields), a list of one shape (a list
of such), `Each` (a mapping to such), `Maybe` (or null), `Either`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from burncurve.errors import InputError, Problem, shown

STUDY_SCHEMA = "burncurve.study/1"
MOST_BYTES = 1 << 28
LARGEST = 1e300
REMEDY = "Remove the folder and run again."


@dataclass(frozen=True, slots=True)
class Each:
    """A mapping from any names to one shape."""

    shape: Any


@dataclass(frozen=True, slots=True)
class Maybe:
    """A shape or null."""

    shape: Any


@dataclass(frozen=True, slots=True)
class Either:
    """One of several shapes; what is wrong is told of the last."""

    shapes: Sequence[Any]


FIGURE = Maybe(float)
WORK = (
    "requests", "skipped", "calls", "prompt_tokens", "reread_factor", "peak_context_tokens", "failed", "unfinished",
    "stopped", "failovers", "failover_tokens",
)  # fmt: skip
RATES = ("per_request_usd", "per_finished_task_usd", "per_hour_usd", "per_day_usd", "per_month_usd")
MONEY = ("bill_usd", "causes_usd", "causes", "after_usd", "peak_hour")
CALLS = ("calls_from", "calls_to", "tasks", "prompt_tokens", "closed_form_tokens")
GROWTH_LAW = {
    "base_tokens": FIGURE,
    "growth_tokens_per_call": FIGURE,
    "by_calls": [dict.fromkeys(CALLS, float)],
    "by_children": [dict.fromkeys(("children_from", "children_to", "tasks", "tokens", "closed_form_tokens"), float)],
    "by_depth": [dict.fromkeys(("depth", "calls", "tokens", "tasks", "closed_form_tasks"), float)],
}
BUDGET = {
    **dict.fromkeys(("name", "per", "then", "unit"), str),
    "reached_share": float,
    "reached_after_s": dict.fromkeys(("p10", "p50", "p90"), FIGURE),
    "most_beyond": float,
    **dict.fromkeys(("stopped_calls", "paused_calls", "cheaper_calls", "warned_calls"), float),
}
PLAN = {
    "name": str,
    "api_twin": Maybe(str),
    "facts": Each(Each(str)),
    **dict.fromkeys(
        (
            "covered_calls", "paid_calls", "stopped_calls", "paused_calls", "blocked_share", "fee_usd", "amortised_usd",
            "api_usd", "pays_from_requests", "requests_per_month", "undone_share",
        ),
        FIGURE,
    ),
}  # fmt: skip
OF_OFFER = {"offer": str, **dict.fromkeys(("calls", "prompt_tokens", "cached_share", "output_tokens", "usd"), FIGURE)}
ANY_DEPLOYMENT = {
    "name": str,
    "offers": [str],
    "notes": [str],
    "tokens": {"cache_read": float, "output": float, "reasoning": float},
    "against_baseline": Maybe({"ratio": FIGURE, "ratio_per_request": FIGURE}),
    "by_offer": [OF_OFFER],
    "spread": Maybe({"pairs": float, "parameters_share": float, "parameters_share_ci95": (float, float)}),
    "growth_law": Maybe(GROWTH_LAW),
    "budgets": [BUDGET],
    "plans": [PLAN],
    **dict.fromkeys((*WORK, *RATES), FIGURE),
}
PRICED = {
    **ANY_DEPLOYMENT,
    "bill_usd": {
        "mean": float,
        "ci95": Maybe((FIGURE, FIGURE)),
        **dict.fromkeys(("p50", "p90", "p95", "p99"), FIGURE),
        "above": [{"usd": float, "share": float, "ci95": (float, float)}],
    },
    "causes_usd": Each(float),
    "causes": [{"agent": str, "cause": str, "tokens": float, "usd": float, "share": FIGURE}],
    "after_usd": Each(FIGURE),
    "peak_hour": {"hour": FIGURE, "usd": FIGURE},
}
UNPRICED = {**ANY_DEPLOYMENT, **dict.fromkeys(MONEY)}
JUDGED = {"certainty": FIGURE, "resolved": bool, "always_equal": bool, "replications_needed": FIGURE}
PAIR = {
    "name": str,
    **dict.fromkeys(("ratio", "saving", "difference_usd"), FIGURE),
    **dict.fromkeys(("cheaper", "equal", "dearer", "of"), float),
    "saving_ci95": Maybe((FIGURE, FIGURE)),
    "difference_usd_ci95": Maybe((FIGURE, FIGURE)),
    **JUDGED,
}
SWITCH = {
    "name": str,
    "date": Maybe(str),
    "day_ci95": Maybe((FIGURE, FIGURE)),
    **dict.fromkeys(("saving_per_day_usd", "day", "p10", "p50", "p90", "never_share"), FIGURE),
}
MIGRATION = {
    **dict.fromkeys(("cost_usd", "cost_a_year_later_usd", "hours", "usd_per_hour"), float),
    "switches": [SWITCH],
}
PREMIUM = {
    "name": str,
    **dict.fromkeys(("cost_usd", "premium_usd", "ratio"), FIGURE),
    "premium_usd_ci95": Maybe((FIGURE, FIGURE)),
}
CONSTRAINTS = {
    "excluded": [{"name": str, "breaches": [{**dict.fromkeys(("rule", "offer", "why"), str), "known": bool}]}],
    "cheapest": Maybe(str),
    "premium": Maybe(PREMIUM),
    "by_rule": [{"rule": str, "excludes": [str], "premium": Maybe(PREMIUM)}],
    "sort": str,
    "choice": Maybe(str),
}
FRONTIER = {"frontier": [str], "dominated": [{"name": str, "by": str}], "off": [{"name": str, "why": str}]}
BESIDE = (
    "usd_per_finished_task",
    "success",
    "success_high",
    "attempts_per_success",
    "usd_per_success",
    "answer_s",
    "makespan_s",
)
BENCHMARK = {**dict.fromkeys(("offer", "source", "date"), str), "percent": float}
FRONTIERS = {
    "deployments": [{"name": str, "success_rests_on": str, "benchmarks": [BENCHMARK], **dict.fromkeys(BESIDE, FIGURE)}],
    "quality": FRONTIER,
    "time": FRONTIER,
}
COMPARISON = {
    **dict.fromkeys(("baseline", "basis", "replication_is"), str),
    "pairs": [PAIR],
    "migration": Maybe(MIGRATION),
    "constraints": Maybe(CONSTRAINTS),
    "order": [
        {"name": str, "cost_usd": FIGURE, "finished_share": FIGURE, "left_undone": bool, "against_next": Maybe(JUDGED)}
    ],
    "order_certainty_at_least": FIGURE,
    "unresolved": [{"cheaper": str, "dearer": str, **JUDGED}],
    "left_out": [{"name": str, "why": str}],
}
STUDY = {
    "id": str,
    "scenario": {"name": str, "horizon_s": float},
    "seed": float,
    "replications": float,
    "book": {"name": str},
    "deployments": [Either((UNPRICED, PRICED))],
    "comparison": Maybe(COMPARISON),
    "frontiers": Maybe(FRONTIERS),
    "unpriced": [{"name": str, "missing": [str], "remedies": [str]}],
    "not_known": [str],
    "notes": [str],
}
"""What is read of the document of a study wherever it is shown."""


def as_json(document: object) -> str:
    """Return a document as JSON text; raises ValueError for what is no number."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read(path: Path, schema: str, shape: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON document in a file; raises InputError where it is none of this schema and shape."""
    try:
        with open(path, "rb") as file:
            document = json.loads(file.read(MOST_BYTES), parse_constant=_refuse)
    except OSError as error:
        raise InputError(Problem(str(path), f"cannot be read: {error.strerror or error}", REMEDY)) from None
    except (ValueError, RecursionError) as error:
        raise InputError(Problem(str(path), f"is no JSON document: {shown(str(error))}", REMEDY)) from None
    found = document.get("schema") if isinstance(document, dict) else None
    if found != schema:
        what = f"holds no document of the schema {schema}: {shown(found)}"
        raise InputError(Problem(str(path), what, "Run again with this version."))
    wrong = next(_wrong(document, shape, ""), None)
    if wrong:
        raise InputError(Problem(str(path), f"is not as a run writes it: {wrong}", REMEDY))
    return dict(document)


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _wrong(value: object, shape: Any, where: str) -> Iterator[str]:
    """Yield what is wrong, each with its place such as deployments.0.name."""
    if isinstance(shape, Maybe):
        yield from () if value is None else _wrong(value, shape.shape, where)
    elif isinstance(shape, Either):
        if all(any(_wrong(value, each, where)) for each in shape.shapes):
            yield from _wrong(value, shape.shapes[-1], where)
    elif shape is None or isinstance(shape, type):
        if not _is(value, shape):
            yield f"{where.strip('.')} is {shown(value)}, not {_NAMES[shape]}"
    else:
        yield from _wrong_parts(value, shape, where)


_NAMES: Mapping[Any, str] = {str: "text", bool: "true or false", float: "a number", None: "null"}


def _is(value: object, kind: type | None) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST < value < LARGEST
    return value is None if kind is None else isinstance(value, kind)


def _wrong_parts(value: object, shape: Any, where: str) -> Iterator[str]:
    if isinstance(shape, list | tuple):
        if not isinstance(value, list) or (isinstance(shape, tuple) and len(value) != len(shape)):
            yield f"{where.strip('.')} is {shown(value)}, not a list"
            return
        shapes = shape if isinstance(shape, tuple) else shape * len(value)
        for number, (item, each) in enumerate(zip(value, shapes, strict=True)):
            yield from _wrong(item, each, f"{where}{number}.")
    elif not isinstance(value, dict):
        yield f"{where.strip('.') or 'the whole'} is {shown(value)}, not a mapping"
    elif isinstance(shape, Each):
        for name, item in value.items():
            yield from _wrong(item, shape.shape, f"{where}{shown(name)}.")
    else:
        yield from (f"{where}{name} is missing" for name in shape if name not in value)
        for name in (name for name in shape if name in value):
            yield from _wrong(value[name], shape[name], f"{where}{name}.")

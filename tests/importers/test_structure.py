"""Records of any structure: no importer ends in an exception, every record is counted, every value fits its column."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from burncurve.importers.formats import FORMATS
from burncurve.importers.ledger import ledger
from burncurve.importers.observed import MOST_TOKENS, Observed
from burncurve.ledger import PROMPT_METERS
from importers.test_claude_code import with_sub_agent
from importers.test_codex import ASKED, CONTEXT, counted, meta, usage
from importers.test_gateways import CHAT, ROUTED, SPENT, batch, observation, span
from importers.written import answer, asked, jsonl, read_all, result

PLAIN = {"model": "m/x", "input": 1, "output": 2, "session": "s", "parent": "s", "time": 1.77e9, "end": "2026-02-20"}
CLAW = [
    {"type": "session", "version": 3, "id": "s1", "timestamp": "2026-02-20T10:00:00.000Z", "cwd": "/srv/claw"},
    {"type": "message", "id": "i", "timestamp": "2026-02-20T10:00:01.000Z",
     "message": {"role": "assistant", "usage": {"input": 1, "output": 1, "cacheRead": 9}, "content": []}},
]  # fmt: skip
USED = usage(9, 3, 2, 1)
SAMPLES: dict[str, list[Any]] = {
    "claude-code": [asked(0), answer(1, "m1", ("Bash",)), result(2), answer(3, "m2", isSidechain=True, agentId="a")],
    "codex": [meta(0), CONTEXT, ASKED, counted(5, USED, USED), counted(6, USED, None)],
    "openclaw": CLAW,
    "openrouter": [ROUTED],
    "litellm": [SPENT],
    "langfuse": [observation("1", {"input": 100, "output": 20, "input_cached_tokens": 60, "total": 120})],
    "opentelemetry": [batch(span("1", CHAT))],
    "plain": [PLAIN],
}  # fmt: skip

ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just([]), st.just({}),
    st.sampled_from([10**30, -1, 1e308, "1e999", "NaN", "2026-13-45", "\x00", "é" * 300, [[1]], {"a": {"b": 1}}]),
    st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=3), st.integers(), max_size=3),
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place within a record, the record itself left out."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, item in inner for found in ((*path, key), *places(item, (*path, key)))]


def changed(value: Any, path: tuple[Any, ...], new: Any, gone: bool) -> Any:
    """The record with something else at a place, or with nothing there."""
    if not path:
        return new
    key, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    if gone and not rest:
        del copy[key]
    else:
        copy[key] = changed(value[key], tuple(rest), new, gone)
    return copy


@st.composite
def damaged(draw: st.DrawFn, sample: list[Any]) -> list[Any]:
    """A few records of a format, in any order and number, with something wrong in some of them."""
    records = draw(st.lists(st.sampled_from(sample), min_size=1, max_size=6))
    for _ in range(draw(st.integers(0, 3))):
        number = draw(st.integers(0, len(records) - 1))
        found = places(records[number])
        if found:
            path = draw(st.sampled_from(found))
            records[number] = changed(records[number], path, draw(ODD), draw(st.booleans()))
    return [*sample, *records]


def holds(observed: Observed) -> None:
    """What every reading must be, whatever was read."""
    for meter in (*PROMPT_METERS, "output", "reasoning", "web_searches"):
        values = observed[meter]
        assert not len(values) or 0 <= values.min() <= values.max() <= 3 * MOST_TOKENS
    made, order = ledger(observed, 1_700_000_000_000_000)
    assert sorted(order.tolist()) == list(range(len(observed)))
    assert int(made.prompt.sum()) == int(observed.prompt.sum())
    origins = sum(made[name].astype(np.int64) for name in made.columns if name.startswith("from_"))
    assert np.array_equal(origins, made.prompt)
    uncached = made.prompt - made["cache_read"]
    assert bool((made["fresh"] <= uncached).all())
    assert bool((made["fresh"] >= 0).all())
    assert bool((made["request_us"] >= 0).all())


@pytest.mark.parametrize("name", [each.name for each in FORMATS])
def test_records_with_anything_in_them(name: str) -> None:
    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(records=damaged(SAMPLES[name]))
    def check(records: list[Any]) -> None:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "log.jsonl"
            path.write_text("".join(f"{json.dumps(each)}\n" for each in records), encoding="utf-8")
            reading = read_all(path)
            assert reading.formats == (name,)
            holds(reading.observed)

    check()


@settings(max_examples=150, deadline=None)
@given(
    cells=st.lists(st.lists(st.one_of(st.text(max_size=6), st.integers().map(str)), max_size=6), max_size=6),
    quoted=st.booleans(),
)
def test_rows_with_anything_in_them(cells: list[list[str]], quoted: bool) -> None:
    quote = '"' if quoted else ""
    rows = "\n".join(",".join(f"{quote}{cell}{quote}" for cell in row) for row in cells)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        path.write_bytes(f"model,input,output\nm/x,1,2\n{rows}".encode("utf-8", "replace"))
        holds(read_all(path).observed)


def test_the_samples_are_read_as_what_they_are(tmp_path: Path) -> None:
    """What is changed above is a good log to begin with."""
    for name, sample in SAMPLES.items():
        reading = read_all(jsonl(tmp_path / name / "log.jsonl", sample))
        assert reading.formats == (name,)
        assert len(reading.observed) >= 1
        holds(reading.observed)
    holds(read_all(with_sub_agent(tmp_path / "tree")).observed)

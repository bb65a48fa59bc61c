"""The id of a run depends on what its outputs depend on, and on nothing else."""

from dataclasses import dataclass, replace
from datetime import date

import pytest

from burncurve.draws import constant
from burncurve.errors import InternalError
from burncurve.studies.identity import plain, run_id
from burncurve.words import Reasoning


@dataclass(frozen=True)
class Part:
    name: str
    table: object


def test_order_of_keys_does_not_matter_but_values_do() -> None:
    part = Part("a", constant(1))
    assert run_id({"x": part, "y": (1, 2)}) == run_id({"y": [1, 2], "x": part})
    assert run_id({"x": part}) != run_id({"x": replace(part, table=constant(2))})
    assert run_id({"x": 1}) != run_id({"x": "1"})


def test_values_become_plain() -> None:
    assert plain({"day": date(2026, 2, 23), "kept": Reasoning.DROP, ("a", 1): None}) == {
        "day": "2026-02-23",
        "kept": 2,
        "a/1": None,
    }


def test_what_has_no_fixed_text_is_refused() -> None:
    with pytest.raises(InternalError):
        run_id({"x": object()})

"""What `burncurve new` writes validates, and copies keep everything but their name."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from burncurve.errors import InputError
from burncurve.scenario.reading import read_text
from burncurve.scenario.template import renamed, small

SHIPPED = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))
NAMES = ["mine", "Zwölf Agenten: teuer", 'a "quoted" name', "- dash", "#5", "{x}", "yes", "12", "back\\slash"]


@pytest.mark.parametrize("name", NAMES)
def test_a_new_scenario_validates_under_any_name(name: str) -> None:
    scenario = read_text(small(name), "new")
    assert scenario.name == name
    assert scenario.users
    assert scenario.deployments


def test_a_step_grows_by_what_was_measured_and_holds_the_output_once() -> None:
    """TraceLab: lognormal appends of median 800 and sigma 1.2, which hold the output before them."""
    agent = read_text(small("mine"), "new").agents["coder"]
    assert agent.tools is not None
    assert agent.tools.result is not None
    grown = agent.tools.result.expected() + agent.output.expected()
    assert grown == pytest.approx(800 * math.exp(1.2**2 / 2), rel=0.03)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_copy_differs_in_its_name_alone(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    copy = renamed(text, "my copy")
    before, after = read_text(text, "old").model_dump(), read_text(copy, "new").model_dump()
    assert after.pop("name") == "my copy"
    assert before.pop("name") != "my copy"
    assert after == before
    assert copy.count("#") == text.count("#")


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\nb", "a\0b"])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(InputError, match="printable"):
        small(name)


def test_a_copy_of_what_has_no_name() -> None:
    with pytest.raises(InputError, match="name:"):
        renamed("about: x\n", "mine")

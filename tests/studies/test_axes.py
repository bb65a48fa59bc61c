"""What may be written behind --vary, and what it comes to."""

from __future__ import annotations

import pytest

from burncurve.errors import InputError
from burncurve.studies import axes


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("10k,20k, 40k", ("10k", "20k", "40k")),
        ("30m", ("30m",)),
        ("{normal: {median: 3k}},[1, 2],'a,b'", ("{normal: {median: 3k}}", "[1, 2]", "'a,b'")),
        ("09:30-16:00,09:00-17:00", ("09:30-16:00", "09:00-17:00")),
        ("09:30-16:00", ("09:30-16:00",)),
        ("1m:5m:5", ("1m", "2m", "3m", "4m", "5m")),
        ("500:2k:4", ("500", "1000", "1500", "2000")),
        ("0:10%:3", ("0%", "5%", "10%")),
        ("0.1:0.2:3", ("0.1", "0.15", "0.2")),
        ("1:2:4", ("1", "1.333333333333", "1.666666666667", "2")),
        ("1k..10k*2", ("1k", "2k", "4k", "8k")),
        ("30s..2m*2", ("30s", "60s", "120s")),
        ("1..2*1.5", ("1", "1.5")),
        ("anthropic/claude-opus-4.6,minimax/minimax-m2.5", ("anthropic/claude-opus-4.6", "minimax/minimax-m2.5")),
    ],
)
def test_values(written: str, values: tuple[str, ...]) -> None:
    assert axes.parse(f"a.b={written}") == axes.Axis("a.b", values)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a.b", "PATH=values"),
        ("a.b=", "PATH=values"),
        ("=3", "PATH=values"),
        ("a=1,,2", "empty value"),
        ("a=1,1", "twice"),
        ("a=5:1:3", "lower end first"),
        ("a=1:1:3", "lower end first"),
        ("a=1:5:1", "2 to 100,000"),
        ("a=1:5:999999", "2 to 100,000"),
        ("a=1m:5m:99999999999", "asks for 99999999999 values"),
        (f"a=1:5:{'9' * 3000}", "2 to 100,000"),
        ("a=1:5:2.5", "asks for 2.5 values"),
        ("a=1:5:-3", "asks for -3 values"),
        ("a=1m:5k:3", "not of one kind"),
        ("a=1x:5x:3", "unknown unit"),
        ("a=0..8*2", "Start above 0"),
        ("a=1..8*1", "more than 1"),
        ("a=1..9M*1.000001", "larger factor"),
    ],
)
def test_wrong_values(text: str, says: str) -> None:
    with pytest.raises(InputError, match="--vary") as caught:
        axes.parse(text)
    assert says in str(caught.value)


def test_every_problem_is_said_and_a_path_stands_once() -> None:
    with pytest.raises(InputError) as caught:
        axes.axes_of(["a=1", "a=2", "b=1,,2"])
    assert len(caught.value.problems) == 2


def test_a_grid_is_the_product_and_its_last_axis_changes_fastest() -> None:
    grid = axes.axes_of(["a=1,2", "b=x,y,z"])
    assert axes.count(grid) == 6
    assert list(axes.points(grid))[:4] == [("1", "x"), ("1", "y"), ("1", "z"), ("2", "x")]
    assert axes.settings_at(grid, ("1", "z")) == ("a=1", "b=z")
    assert axes.count(axes.axes_of(["a=0:1:1000", "b=0:1:1000"])) == 1_000_000


@pytest.mark.parametrize(("text", "place"), [("2k", 2000), ("10%", 0.1), ("2m", 120e6), ("a", None), ("[1]", None)])
def test_where_values_stand_on_an_axis(text: str, place: float | None) -> None:
    found = axes.amount(text)
    assert (found.place if found else None) == place

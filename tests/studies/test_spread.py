"""Luck and not knowing told apart where the answer is known; how many replications are enough."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from burncurve.cli.show import progress_text
from burncurve.draws import Table, TableKind
from burncurve.engines import play
from burncurve.studies import spread
from burncurve.studies.precision import Precision, half_share
from burncurve.studies.simulation import simulated
from burncurve.studies.spend import PICO
from burncurve.studies.study import Choices, open_study
from burncurve.studies.tasks import TWINS_FROM
from burncurve.studies.work import Progress, Work
from burncurve.workload import Per, Quantity, Workload, fixed

BLACKBOARD = Path(__file__).parents[2] / "scenarios" / "blackboard.yaml"
RANGE = "agents.teacher.base={range: [5k, 10k, 30k]}"


@pytest.mark.parametrize(("parameters", "luck"), [(3, 1), (1, 3), (0, 2), (2, 0)])
def test_the_parameters_share_is_that_of_their_variance(parameters: int, luck: int) -> None:
    chance = random.Random(1)

    def drawn(common: float) -> int:
        return round((10 + parameters * common + luck * chance.gauss(0, 1)) * PICO)

    commons = [chance.gauss(0, 1) for _ in range(4000)]
    pairs = [(drawn(common), drawn(common)) for common in commons]
    found = spread.taken_apart([a for a, _ in pairs], [b for _, b in pairs])
    assert found is not None
    expected = parameters**2 / (parameters**2 + luck**2)
    assert found["parameters_share"] == pytest.approx(expected, abs=0.05)
    low, high = found["parameters_share_ci95"]
    assert low - 0.02 <= expected <= high + 0.02
    assert found["parameters_sd_usd"] == pytest.approx(parameters, rel=0.1, abs=0.5)
    assert found["luck_sd_usd"] == pytest.approx(luck, rel=0.1, abs=0.5)


def test_the_interval_covers_as_often_as_it_says() -> None:
    chance, hits = random.Random(2), 0
    for _ in range(300):
        commons = [chance.gauss(0, 1) for _ in range(200)]
        pairs = [[round((c + chance.gauss(0, 1)) * PICO) for c in commons] for _ in range(2)]
        found = spread.taken_apart(*pairs)
        assert found is not None
        hits += found["parameters_share_ci95"][0] <= 0.5 <= found["parameters_share_ci95"][1]
    assert 0.90 <= hits / 300 <= 0.985


def test_what_does_not_vary_has_no_shares() -> None:
    assert spread.taken_apart([5, 5], [5, 5]) is None


def test_ranges_are_found_wherever_they_stand() -> None:
    still = Workload("w", 0, 0, 1, (), ())
    table = Table(TableKind.STEPS, (1, 2), (1 << 61, 1 << 62))
    assert not spread.drawn_per_run(still)
    assert not spread.drawn_per_run(open_study(BLACKBOARD, Choices()).workload)
    assert spread.drawn_per_run(open_study(BLACKBOARD, Choices(settings=(RANGE,))).workload)
    nested = replace(open_study(BLACKBOARD, Choices()).workload)
    teacher = replace(nested.agents[0], output=Quantity(table, Per.RUN))
    assert spread.drawn_per_run(replace(nested, agents=(teacher, *nested.agents[1:])))
    assert not spread.drawn_per_run(replace(nested, agents=(replace(teacher, output=fixed(3)), *nested.agents[1:])))


def test_progress_counts_twins_among_the_replications_and_says_so() -> None:
    told: list[Progress] = []
    uncertain = open_study(BLACKBOARD, Choices(replications=20, settings=(RANGE,)))
    simulated(uncertain.with_deployments(uncertain.deployments[:1]), Work(1, 10, told=told.append))
    last = told[-1]
    assert (last.done, last.of, last.twins) == (40, 40, 20)
    assert "40 of 40 replications (20 are twins)," in progress_text(last, 1.0)


def test_twins_share_their_parameters_and_nothing_else() -> None:
    study = open_study(
        BLACKBOARD, Choices(settings=(RANGE, "agents.teacher.output={lognormal: {median: 500, sigma: 1}}"))
    )
    deployment = study.deployments[0]
    own = play(study.workload, deployment, range(3), "reference")
    numbers = range(TWINS_FROM, TWINS_FROM + 3)
    twins = play(replace(study.workload, parameters_shift=TWINS_FROM), deployment, numbers, "reference")
    assert own["from_base"].tolist() == twins["from_base"].tolist()
    assert len(set(own["from_base"].tolist())) > 2
    assert own["output"].tolist() != twins["output"].tolist()


def test_a_study_of_ranges_says_where_its_spread_comes_from() -> None:
    """Nothing but the base varies: all of the spread is not knowing it."""
    study = open_study(BLACKBOARD, Choices(replications=8, settings=(RANGE,)))
    result = simulated(study, Work(1, 3)).results[0]
    assert result.twins is not None
    assert result.twins.bill.per_replication == result.bill.per_replication
    found = spread.taken_apart(result.bill.per_replication, result.twins.bill.per_replication)
    assert found is not None
    assert found["parameters_share"] == 1
    assert found["luck_sd_usd"] == 0


# precision


def test_looks_are_few_and_double() -> None:
    assert Precision(Fraction(1, 50)).looks[:3] == (64, 128, 256)
    assert Precision(Fraction(1, 50)).looks[-1] == 65_536


def test_the_interval_of_the_mean_as_a_share_of_it() -> None:
    """Of 1 and 3 dollars: mean 2, half an interval of 12.706 x 1."""
    assert float(half_share([PICO, 3 * PICO], "mean")) == pytest.approx(12.706 / 2, rel=1e-3)
    assert half_share([7, 7, 7], "mean") == 0
    assert half_share([7] * 100, "p50") == 0
    assert half_share(list(range(1, 30)), "p99") > 1, "the largest of 29 says nothing about p99"


def test_replications_go_on_until_the_figure_is_sure() -> None:
    settings = (RANGE,)
    wide = open_study(BLACKBOARD, Choices(replications=Precision(Fraction(1, 2)), settings=settings))
    narrow = open_study(BLACKBOARD, Choices(replications=Precision(Fraction(1, 40)), settings=settings))
    few, many = (simulated(study, Work(1)).results[0] for study in (wide, narrow))
    assert few.totals.count == 64
    assert many.totals.count in (128, 256, 512)
    assert half_share(many.bill.per_replication, "mean") <= Fraction(1, 40)
    assert half_share(many.bill.per_replication[: many.totals.count // 2], "mean") > Fraction(1, 40)
    fixed_number = open_study(BLACKBOARD, Choices(replications=many.totals.count, settings=settings))
    assert simulated(fixed_number, Work(1, 50)).results[0].bill == many.bill

"""Scenario -> Workload: names decide luck, levels and bounds are kept, arrivals come at their rate."""

from __future__ import annotations

import dataclasses
import math
from bisect import bisect_right
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from burncurve.draws import ALWAYS, CERTAIN, LARGEST_VALUE, TableKind, derive, draw, look_up, run_key, salt_of
from burncurve.errors import InputError
from burncurve.prepare import prepare
from burncurve.scenario import read
from burncurve.scenario.distributions import Tokens
from burncurve.scenario.models import Scenario
from burncurve.words import PPM, US_PER_DAY, US_PER_HOUR
from burncurve.workload import Per, Quantity, Renewal, Trigger, Workload

OUTPUT = {"lognormal": {"median": 211, "sigma": 1.34}, "clip": [1, "32k"]}


def agent(**fields: Any) -> dict[str, Any]:
    return {"role": "lead", "base": "10k", "turns": {"poisson": {"mean": 4}}, "output": OUTPUT, **fields}


def workload(seed: int = 1, **fields: Any) -> Workload:
    written = {
        "name": "test",
        "start": "2026-11-02T09:00",
        "time_zone": "Europe/Berlin",
        "horizon": "5d",
        "agents": {"lead": agent()},
        "triggers": [{"agent": "lead", "once": True}],
        **fields,
    }
    return prepare(Scenario.model_validate(written), seed)


def drawn(quantity: Quantity, *us: int) -> int:
    """The rule of workload.Quantity: value times factors, each half up, held within the bounds."""
    value = look_up(quantity.table, us[0])
    for factor, u in zip(quantity.times, us[1:], strict=True):
        value = (value * look_up(factor.table, u) + PPM // 2) // PPM
    return min(max(value, quantity.low), quantity.high)


def test_every_shipped_scenario_is_prepared_in_integers(root: Path) -> None:
    paths = sorted((root / "scenarios").glob("*.yaml"))
    assert paths
    for path in paths:
        leaves(prepare(read(path), 1))


def leaves(value: Any) -> None:
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            leaves(getattr(value, field.name))
    elif isinstance(value, tuple):
        for part in value:
            leaves(part)
    else:
        assert value is None or isinstance(value, int | str)
        assert isinstance(value, str | None) or -1 <= value < 1 << 64


def test_the_seed_changes_nothing_but_itself() -> None:
    assert dataclasses.replace(workload(seed=1), seed=2) == workload(seed=2)


RICH = agent(
    tools={"mix": {"shell": 0.75, "read": 0.25}},
    spawn=[{"agent": "worker", "probability": "2%", "count": {"poisson": {"mean": 2}}}],
    loop={"probability": {"range": ["0%", "1%", "5%"]}, "extra_turns": {"geometric": {"mean": 10}}},
    side_calls=[{"name": "title", "prompt": {"poisson": {"mean": 300}}, "output": 10}],
)
TOOLS = {
    "shell": {"result": {"lognormal": {"median": 600, "sigma": 1.2}}, "time": "1s"},
    "read": {"result": {"lognormal": {"median": 1800, "sigma": 1.1}}, "time": "1s"},
}
TRIGGER = {"name": "beat", "agent": "lead", "poisson": {"per_hour": 3}}
USERS = {"agent": "lead", "count": 2, "sessions_per_day": {"poisson": {"mean": 3}}, "requests": 3}


def rich(**fields: Any) -> Workload:
    given = {"agents": {"lead": RICH, "worker": agent(role="worker")}, "tools": TOOLS, "triggers": [TRIGGER]}
    return workload(**{**given, "users": [USERS], **fields})


def named(value: Any, work: Workload) -> Any:
    """The parts with places replaced by names, so that workloads with other neighbours can be compared."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        shown = {f.name: named(getattr(value, f.name), work) for f in dataclasses.fields(value)}
        for field, names in (("role", work.roles), ("child", _agents(work)), ("agent", _agents(work))):
            if field in shown:
                shown[field] = names[shown[field]]
        return shown
    return tuple(named(part, work) for part in value) if isinstance(value, tuple) else value


def _agents(work: Workload) -> tuple[str, ...]:
    return tuple(each.name for each in work.agents)


def parts(work: Workload) -> dict[str, Any]:
    return {
        f"{kind}/{part.name}": named(part, work)
        for kind in ("agents", "triggers", "users")
        for part in getattr(work, kind)
    }


CHANGES: dict[str, dict[str, Any]] = {
    "an agent in front": {"agents": {"new": agent(role="other"), "lead": RICH, "worker": agent(role="worker")}},
    "agents in another order": {"agents": {"worker": agent(role="worker"), "lead": RICH}},
    "a trigger in front": {"triggers": [{"agent": "worker", "every": "1h"}, TRIGGER]},
    "a tool": {"tools": {"web": {"result": {"poisson": {"mean": 3}}, "time": "1s"}, **TOOLS}},
    "a group of users": {"users": [{**USERS, "agent": "worker", "name": "others"}, USERS]},
}


@pytest.mark.parametrize("change", CHANGES)
def test_neighbours_leave_every_other_draw_as_it_was(change: str) -> None:
    before, after = parts(rich()), parts(rich(**CHANGES[change]))
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize(
    ("knob", "value", "changed"),
    [
        ("reasoning", {"poisson": {"mean": 50}}, {"reasoning"}),
        ("message", {"poisson": {"mean": 50}}, {"message"}),
        ("effort", "high", {"effort"}),
        ("misses", {"user_turn": {"range": ["0%", "5%", "20%"]}}, {"misses"}),
        ("side_calls", [{"name": "new", "prompt": 5, "output": 5}, *RICH["side_calls"]], {"sides"}),
        ("spawn", [{"agent": "lead", "depth": 1, "probability": "1%"}, *RICH["spawn"]], {"spawns"}),
        ("output", {**OUTPUT, "times": [{"lognormal": {"median": 1, "sigma": 0.3}}]}, {"output"}),
    ],
)
def test_a_knob_changes_its_own_field_only(knob: str, value: Any, changed: set[str]) -> None:
    plain = rich()
    turned = rich(agents={"lead": {**RICH, knob: value}, "worker": agent(role="worker")})
    before, after = parts(plain)["agents/lead"], parts(turned)["agents/lead"]
    assert {field for field in before if before[field] != after[field]} == changed
    for rules in ("sides", "spawns"):  # a rule in front leaves the rules behind it as they were
        assert after[rules][-1] == before[rules][-1]
    assert plain.agents[0].output.salt == turned.agents[0].output.salt == salt_of("agents/lead/output")


def test_tools_are_chosen_by_their_weights() -> None:
    tools = rich().agents[0].tools
    assert tools is not None
    assert [tool.name for tool in tools.choices] == ["shell", "read"]
    assert tools.thresholds == (3 * (ALWAYS // 4), ALWAYS)
    own = workload(agents={"lead": agent(tools={"result": 5, "time": "2s"})}).agents[0].tools
    assert own is not None
    assert own.thresholds == (ALWAYS,)
    assert own.choices[0].time_us.table.values == (2_000_000,)


def test_quantities_are_drawn_as_often_as_they_are_used_unless_they_say_more() -> None:
    per = {"per": "session"}
    lead = workload(agents={"lead": agent(history={"poisson": {"mean": 9}}, output={**OUTPUT, **per})}).agents[0]
    assert (lead.turns.per, lead.output.per, lead.history.per) == (Per.REQUEST, Per.SESSION, Per.SESSION)
    ranged = workload(agents={"lead": agent(base={"range": [1, 2, 5]}, output={"range": [1, 2, 5]})}).agents[0]
    assert (ranged.base.per, ranged.output.per) == (Per.RUN, Per.RUN)


def test_factors_are_drawn_per_session_unless_they_say_otherwise() -> None:
    times = [{"uniform": {"low": 0.5, "high": 1.5}}, {"range": [0.5, 1, 2]}, {"constant": 2, "per": "request"}]
    output = workload(agents={"lead": agent(output={"constant": 100, "times": times})}).agents[0].output
    assert [factor.per for factor in output.times] == [Per.SESSION, Per.RUN, Per.REQUEST]
    assert len({factor.salt for factor in output.times}) == 3
    assert drawn(output, 0, ALWAYS // 2, 0, 0) == 100  # 100 x 1.0 x 0.5 x 2


def test_probabilities_and_durations_have_their_units() -> None:
    fields = {"misses": {"user_turn": "10%", "tool_turn": {"lognormal": {"median": 0.5, "sigma": 2}}}}
    lead = workload(agents={"lead": agent(**fields, tools={"result": 1, "time": "320ms"})}).agents[0]
    assert lead.misses.user_turn.table.values == (round(0.1 * CERTAIN),)
    assert lead.misses.tool_turn.high == CERTAIN
    assert max(lead.misses.tool_turn.table.values) <= CERTAIN


def test_the_clip_holds_the_product() -> None:
    """Lognormal times lognormal is lognormal with the sigmas added in squares; its clip has a closed form."""
    output = {"lognormal": {"median": 2000, "sigma": 1.2}, "clip": [100, "16k"]}
    times = [{"lognormal": {"median": 1, "sigma": 0.5}, "per": "session"}]
    quantity = workload(agents={"lead": agent(output={**output, "times": times})}).agents[0].output
    product = {"lognormal": {"median": 2000, "sigma": math.hypot(1.2, 0.5)}, "clip": [100, "16k"]}
    n = 300
    us = [(2 * i + 1) * ALWAYS // (2 * n) for i in range(n)]
    values = np.array([drawn(quantity, u, v) for u in us for v in us], dtype=np.float64)
    exact = Tokens.model_validate(product)
    assert values.mean() == pytest.approx(exact.mean(), rel=2e-3)  # 300 midpoints miss the outermost 0.2%
    assert (values**2).mean() == pytest.approx(exact.law.moment(2), rel=2e-3)
    assert (quantity.low, quantity.high) == (100, 16_000)


def test_all_problems_are_reported_at_once_with_their_places(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(
        "name: bad\nstart: 2026-11-02\nhorizon: 30d\nagents:\n  a:\n    base: {poisson: {mean: 5}, per: turn}\n"
        "    turns: 1\n    output: {lognormal: {median: 1000, sigma: 4.5}}\n"
        "triggers:\n  - {agent: a, every: 1s}\n  - {agent: a, poisson: {per_hour: 2k}}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as refused:
        prepare(read(path), 1)
    places = [problem.where.removeprefix(str(path)) for problem in refused.value.problems]
    assert [place.split(":")[1] for place in places] == ["6", "8", "10", "11"]
    assert all(problem.remedy for problem in refused.value.problems)


def arrivals(work: Workload, trigger: Trigger, replication: int) -> list[int]:
    """The definition in workload.Renewal, written out."""
    renewal: Renewal | None = trigger.renewal
    assert renewal is not None
    source = derive(run_key(work.seed, replication), trigger.salt, 0)
    found, operational = [], 0
    for n in range(1_000_000):
        operational += look_up(renewal.gap_us.table, draw(source, renewal.gap_us.salt, n))
        if operational >= renewal.knots_operational_us[-1]:
            break
        i = bisect_right(renewal.knots_operational_us, operational) - 1
        (a, b), (c, d) = renewal.knots_operational_us[i : i + 2], renewal.knots_us[i : i + 2]
        found.append(c + (operational - a) * (d - c) // (b - a))
    return found


def counts(work: Workload, replications: int) -> np.ndarray[Any, Any]:
    return np.array([len(arrivals(work, work.triggers[0], r)) for r in range(replications)], dtype=np.float64)


def test_poisson_arrivals_have_mean_and_variance_of_their_rate() -> None:
    work = workload(triggers=[{"agent": "lead", "poisson": {"per_hour": 2}}])
    n, mean = 600, 240.0
    found = counts(work, n)
    assert found.mean() == pytest.approx(mean, abs=5 * math.sqrt(mean / n))
    assert found.var() == pytest.approx(mean, rel=5 * math.sqrt(2 / n))


def test_bursts_spread_the_counts_by_one_over_the_shape() -> None:
    work = workload(triggers=[{"agent": "lead", "bursty": {"per_hour": 20, "shape": 0.25}}])
    n, mean = 300, 2400.0
    found = counts(work, n)
    # renewal theory: variance -> mean / shape; mean -> t/m + (c**2 - 1)/2 with c**2 = 1/shape
    assert found.mean() == pytest.approx(mean + 1.5, abs=5 * math.sqrt(mean * 4 / n))
    assert found.var() == pytest.approx(mean * 4, rel=5 * math.sqrt(2 / n) + 0.02)


def test_arrivals_keep_to_hours_days_and_profile() -> None:
    hourly = [1.0] * 9 + [3.0] + [1.0] * 14
    trigger = {
        "agent": "lead",
        "poisson": {"per_hour": 10, "hourly": hourly},
        "hours": "09:00-17:00",
        "days": "mon-fri",
    }
    work = workload(horizon="14d", triggers=[trigger])  # starts on a Monday at 09:00, winter time throughout
    times = np.array([us for r in range(40) for us in arrivals(work, work.triggers[0], r)])
    hours = times // US_PER_HOUR % 24
    assert times.min() >= 0
    assert times.max() < 14 * US_PER_DAY
    assert hours.max() < 8
    assert set(times // US_PER_DAY % 7) == {0, 1, 2, 3, 4}
    days = 40 * 10
    for hour in range(8):
        expected = 10 * days * (3 if hour == 0 else 1)
        assert abs(int((hours == hour).sum()) - expected) < 5 * math.sqrt(expected)


def test_rare_arrivals_have_a_table_too() -> None:
    work = workload(triggers=[{"agent": "lead", "poisson": {"per_hour": 0.001}}])
    assert counts(work, 2000).mean() == pytest.approx(0.12, abs=5 * math.sqrt(0.12 / 2000))
    renewal = work.triggers[0].renewal
    assert renewal is not None
    assert renewal.gap_us.table.kind == TableKind.SMOOTH
    assert max(renewal.gap_us.table.values) <= 5 * US_PER_DAY + 1 < LARGEST_VALUE


def test_literal_arrivals() -> None:
    triggers: list[dict[str, Any]] = [
        {"agent": "lead", "once": True},
        {"agent": "lead", "at": ["30m", "2026-11-02T10:00", "6d", "10m"]},
        {"agent": "lead", "every": "24h"},
        {"agent": "lead", "every": "4h", "hours": "09:00-18:00", "days": "tue"},
    ]
    work = workload(triggers=triggers)
    hour = US_PER_HOUR
    assert [trigger.name for trigger in work.triggers] == ["lead", "lead-2", "lead-3", "lead-4"]
    assert work.triggers[0].times_us == (0,)
    assert work.triggers[1].times_us == (hour // 6, hour // 2, hour)  # six days lie beyond the horizon
    assert work.triggers[2].times_us == tuple(range(0, 5 * US_PER_DAY, US_PER_DAY))
    assert work.triggers[3].times_us == (24 * hour, 28 * hour, 32 * hour)


def test_users_work_on_their_days() -> None:
    office = {**USERS, "hours": "09:00-18:00", "days": "mon-fri"}
    hour = US_PER_HOUR
    (group,) = workload(users=[office]).users
    assert group.windows_us == tuple((24 * d * hour, (24 * d + 9) * hour) for d in range(5))
    (always,) = workload(users=[USERS]).users
    assert always.windows_us == tuple((24 * d * hour, 24 * (d + 1) * hour) for d in range(5))
    assert (always.sessions.per, always.think_us.per) == (Per.REQUEST, Per.REQUEST)

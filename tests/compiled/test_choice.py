"""Which engine plays: asked for, or chosen by size."""

from __future__ import annotations

from dataclasses import replace

import pytest

from burncurve import engines
from burncurve.deployment import Account, Deployment, Leg, Offer, Route
from burncurve.engines import compiled, play, played
from burncurve.errors import InputError
from burncurve.ledger import Ledger
from burncurve.workload import Agent, Trigger, Workload, fixed
from engines.test_hand_trace import served, traced

AGENT = Agent("a", 0, base=fixed(100), turns=fixed(10), output=fixed(10))
WORK = Workload("w", 1, 0, 1 << 40, ("r",), (AGENT,), (Trigger("t", 1, 0, times_us=(0,)),))
SERVED = Deployment("d", (Offer("o", 1_000_000, first_token_ns=5_000),), (Account("a"),), (Route((Leg(0, 0),)),))


def test_a_behaviour_of_ones_own_is_refused_by_the_compiled_engine_and_played_by_auto() -> None:
    own = replace(WORK, agents=(replace(AGENT, behaviour="mine"),))
    with pytest.raises(InputError, match="behaviour"):
        play(own, SERVED, engine="compiled", behaviours={"mine": engines.Behaviour})
    with pytest.raises(InputError, match="not registered"):
        play(own, SERVED)
    said: list[str] = []
    ledger, engine = played(own, SERVED, behaviours={"mine": lambda task: task.next_turn()}, say=said.append)
    assert (len(ledger), engine) == (1, "reference")
    assert said == ["the reference engine plays: mine is a behaviour of one's own"]


def test_without_numba_auto_plays_and_compiled_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "has_compiler", lambda: False)
    assert len(play(WORK, SERVED)) == 10
    with pytest.raises(InputError, match="Numba"):
        play(WORK, SERVED, engine="compiled")


def test_auto_takes_the_compiled_engine_where_calls_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[range] = []

    def spy(workload: Workload, deployment: Deployment, replications: range) -> Ledger:
        played.append(replications)
        return play(workload, deployment, replications, "reference")

    monkeypatch.setattr(compiled, "play", spy)
    monkeypatch.setattr(compiled, "is_loaded", lambda: False)
    monkeypatch.setattr(compiled, "is_kept", lambda: True)
    monkeypatch.setattr(engines, "WORTH_LOADING", 100)
    assert len(play(WORK, SERVED, range(5))) == 50
    assert played == []
    assert len(play(WORK, SERVED, range(30))) == 300
    assert played == [range(1, 30)]


def test_a_trace_tells_how_many_calls_there_will_be_before_anything_is_played(monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[range] = []
    monkeypatch.setattr(compiled, "play", lambda workload, deployment, replications: played.append(replications))
    monkeypatch.setattr(compiled, "is_loaded", lambda: False)
    monkeypatch.setattr(compiled, "is_kept", lambda: True)
    monkeypatch.setattr(engines, "WORTH_LOADING", 10)
    assert len(play(traced(), served(), range(1))) == 5
    play(traced(), served(), range(2))
    assert played == [range(2)]


def test_who_asks_is_told_before_the_first_compilation(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(compiled, "is_kept", lambda: False)
    monkeypatch.setattr(compiled, "play", lambda *_: "a ledger")
    play(WORK, SERVED, engine="compiled", say=said.append)
    assert said == [engines.COMPILING]

"""What each offer did: by hand, against the calls themselves and the bill, and whatever the chunks."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from burncurve import engines
from burncurve.ledger import Status
from burncurve.studies import by_offer, simulation, study
from burncurve.studies.document import document
from burncurve.studies.gathering import gathered
from burncurve.studies.totals import reduced

MIX = Path(__file__).parents[2] / "scenarios" / "six-developers.yaml"  # one deployment, two offers


def test_by_hand(two_calls) -> None:
    """The offer maker/small was sent 1,500 tokens, 1,000 of them known to it, and wrote 60."""
    assert by_offer.of_ledger(two_calls) == {
        "maker/large": (1, 1000, 0, 0, 0, 100, 0),
        "maker/small": (1, 500, 1000, 0, 0, 50, 10),
    }


def test_a_call_counts_where_it_was_answered_and_tokens_where_they_were_spent(make_ledger, make_row) -> None:
    """The first offer breaks off after 700 tokens; the second answers, and the first is not asked again."""
    broken = make_row(input=700, status=Status.ERROR)
    refused = make_row(attempt=1, status=Status.REFUSED, end_us=-1)
    answered = make_row(attempt=2, offer=1, input=700, output=30)
    rows = by_offer.of_ledger(make_ledger(broken, refused, answered))
    assert rows == {"maker/large": (0, 700, 0, 0, 0, 0, 0), "maker/small": (1, 700, 0, 0, 0, 30, 0)}
    assert list(by_offer.of_ledger(make_ledger(answered))) == ["maker/small"]


def test_chunks_add_up() -> None:
    some, others = {"a": (1,) * 7, "b": (2,) * 7}, {"b": (3,) * 7, "c": (1 << 70,) * 7}
    assert by_offer.added(some, others) == {"a": (1,) * 7, "b": (5,) * 7, "c": (1 << 70,) * 7}


@pytest.fixture(scope="module")
def mix() -> study.Study:
    return study.open_study(MIX, study.Choices(replications=3, engine="reference", deployments=("mix",)))


def test_it_agrees_with_the_calls_and_the_bill_of_a_mix(mix) -> None:
    (deployment,) = mix.deployments
    ledger = engines.play(mix.workload, deployment, range(3), "reference")
    calls, prompt = defaultdict(int), defaultdict(int)
    for number, status, tokens in zip(ledger["offer"], ledger["status"], ledger.prompt, strict=True):
        calls[ledger.names["offers"][number]] += int(status == Status.OK)
        prompt[ledger.names["offers"][number]] += int(tokens)
    (part,) = document(mix, simulation.simulated(mix).results)["deployments"]
    assert {each["offer"]: round(3 * each["calls"]) for each in part["by_offer"]} == calls
    assert {each["offer"]: round(3 * each["prompt_tokens"]) for each in part["by_offer"]} == prompt
    assert len(calls) == 2
    assert sum(each["calls"] for each in part["by_offer"]) == pytest.approx(part["calls"] - part["errors"])
    assert sum(each["usd"] for each in part["by_offer"]) == pytest.approx(part["bill_usd"]["mean"])
    read = sum(each["cached_share"] * each["prompt_tokens"] for each in part["by_offer"])
    assert read == pytest.approx(part["tokens"]["cache_read"])


def test_the_sums_of_chunks_are_those_of_the_whole(mix) -> None:
    (deployment,) = mix.deployments
    parts = [
        reduced(engines.play(mix.workload, deployment, numbers, "reference"), mix.book, deployment.name)
        for numbers in (range(1), range(1, 3))
    ]
    whole = by_offer.of_ledger(engines.play(mix.workload, deployment, range(3), "reference"))
    assert gathered(deployment.name, parts).by_offer == whole


def test_without_a_bill_there_are_no_dollars(mix, two_calls) -> None:
    done = by_offer.of_ledger(two_calls)
    bill = reduced(two_calls, mix.book, "any").bill  # which knows no maker
    assert [each["usd"] for each in by_offer.told(done, bill, 1)] == [None, None]

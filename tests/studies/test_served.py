"""Times to the answer and tokens paid again after a failover, from ledgers written by hand."""

from __future__ import annotations

from burncurve.ledger import Kind, Outcome, Status
from burncurve.studies import served

S = 1_000_000


def found(ledger) -> dict[str, list[int]]:
    return {name: values.tolist() for name, values in served.columns_of(ledger).items()}


def outcome(number: int) -> Outcome:
    return Outcome(number, 2, 2, -1, 0, 0, 0, 3, 10 * S)


def test_an_answer_takes_from_the_first_request_to_the_last_end(make_ledger, make_row) -> None:
    """Task 0 from 1 s to 9 s, its child does not count; task 2 from 5 s to 6 s; in replication 3 one call of 2 s."""
    rows = (
        make_row(replication=2, request_us=S, end_us=3 * S),
        make_row(replication=2, task=1, depth=1, request_us=2 * S, end_us=90 * S),
        make_row(replication=2, task=2, session=1, request_us=5 * S, end_us=6 * S),
        make_row(replication=2, turn=2, request_us=7 * S, end_us=9 * S),
        make_row(replication=2, turn=3, request_us=10 * S, end_us=-1, status=Status.STOPPED),
        make_row(replication=3, request_us=0, end_us=2 * S),
    )
    columns = found(make_ledger(*rows, outcomes=(outcome(2), outcome(3), outcome(4))))
    assert columns["answers"] == [2, 1, 0]
    assert columns["answer_us"] == [9 * S, 2 * S, 0]


def test_a_failover_pays_again_for_what_the_last_offer_had_cached(make_ledger, make_row) -> None:
    """8,000 tokens sent to offer 0; then 9,000 to offer 1 of which it has 1,000: 7,000 again. Back at 0: 500 again."""
    rows = (
        make_row(turn=1, input=8000, end_us=S),
        make_row(turn=2, input=9000, status=Status.REFUSED, request_us=S, end_us=S),
        make_row(turn=2, attempt=1, offer=1, input=8000, cache_read=1000, request_us=2 * S, end_us=3 * S),
        make_row(turn=3, offer=1, input=500, cache_read=9000, request_us=4 * S, end_us=5 * S),
        make_row(turn=3, offer=0, kind=Kind.SIDE, input=300, request_us=5 * S, end_us=5 * S),
        make_row(task=1, turn=1, offer=0, input=1000, cache_read=9000, request_us=6 * S, end_us=7 * S),
    )
    columns = found(make_ledger(*rows, outcomes=(outcome(0),)))
    assert (columns["failovers"], columns["failover_tokens"]) == ([2], [7500])


def test_a_shorter_prompt_is_all_that_can_be_paid_again(make_ledger, make_row) -> None:
    rows = (
        make_row(turn=1, input=8000, end_us=S),
        make_row(turn=2, attempt=1, offer=1, input=2000, request_us=2 * S, end_us=3 * S),
    )
    assert found(make_ledger(*rows, outcomes=(outcome(0),)))["failover_tokens"] == [2000]


def test_sessions_that_different_offers_serve_are_no_failover(make_ledger, make_row) -> None:
    rows = (
        make_row(input=8000, end_us=S),
        make_row(session=1, task=1, offer=1, attempt=1, input=8000, end_us=S),
    )
    assert found(make_ledger(*rows, outcomes=(outcome(0),)))["failovers"] == [0]

"""`--invoice` from outside: the files of a run, whose bill they are, what is refused."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

QUIET = ("--no-pictures", "--quiet", "--engine", "reference")
SMALL = ("openclaw-stock-monitor", "--set", "horizon=1h", "--models", "anthropic/claude-opus-4.6,minimax/minimax-m2.5")


def amounts(path: Path, column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in csv.DictReader(path.open(newline=""))), Decimal(0))


def bills(run: Path) -> dict[str, list[Decimal]]:
    found: dict[str, list[Decimal]] = {}
    for row in csv.DictReader((run / "replications.csv").open(newline="")):
        found.setdefault(row["deployment"], []).append(Decimal(row["bill_usd"]))
    return found


def test_a_single_replication_is_invoiced_to_the_last_digit(call) -> None:
    ended = call("compare", *SMALL, "--invoice", "--replications", "1", "--out", "out", *QUIET)
    assert ended.exit_code == 0, ended.stderr
    names = ["anthropic-claude-opus-4-6", "minimax-minimax-m2-5"]
    found = sorted(path.name for path in Path("out/invoices").iterdir())
    assert found == sorted(
        f"00{n}-{name}{end}" for n, name in enumerate(names) for end in (".md", ".csv", "-focus.csv")
    )
    for n, (name, (bill,)) in enumerate(bills(Path("out")).items()):
        stem = f"00{n}-{names[n]}"
        assert amounts(Path(f"out/invoices/{stem}.csv"), "amount_usd") == bill
        assert amounts(Path(f"out/invoices/{stem}-focus.csv"), "BilledCost") == bill
        assert f"| {bill.normalize():f} |" in Path(f"out/invoices/{stem}.md").read_text()
        assert name in Path(f"out/invoices/{stem}.md").read_text()


def test_of_many_replications_it_is_the_median_or_the_one_asked_for(call) -> None:
    call("compare", *SMALL, "--invoice", "--replications", "4", "--out", "median", *QUIET)
    call("compare", *SMALL, "--invoice-of", "3", "--replications", "4", "--out", "third", *QUIET)
    each = next(iter(bills(Path("median")).values()))
    assert len(set(each)) == 4  # else this test would not see which is taken
    median, third = Path("median/invoices"), Path("third/invoices")
    assert amounts(next(median.glob("000*6.csv")), "amount_usd") == sorted(each)[1]
    assert amounts(next(third.glob("000*6.csv")), "amount_usd") == each[3]
    assert "replication 3 of 4 (0 first)" in next(third.glob("000*.md")).read_text()


MONTHS = """
name: over the end of two months
start: 2026-02-27T00:00
horizon: 35d
triggers: [{agent: main, every: 9h}]
agents: {main: {base: 20k, turns: 2}}
deployments:
  d:
    roles: {main: maker/model}
    contract: {discounts: {maker: 10%}, minimum_per_month: $3, purchase: $2, tax: 19%}
"""
YUAN = """
checked: 2026-12-31
exchange_rates: {CNY: {usd_per_unit: 0.14, on: 2026-02-01, source: by hand}}
fees: {maker: [{valid_from: 2026-01-01, percent: 5, at_least_usd: 0.3, source: by hand}]}
offers:
  maker/model:
    - {valid_from: 2026-01-01, currency: CNY, per_mtok: {input: 7.77, output: 21.3}, source: by hand}
    - {valid_from: 2026-03-13, currency: CNY, per_mtok: {input: 3.33, output: 9.1}, source: by hand}
"""
MODEL = """
offers:
  maker/model:
    maker: {value: Maker, source: by hand, date: 2026-02-01}
    window_tokens: {value: 100000, source: by hand, date: 2026-02-01}
    cache_kind: {value: none, source: by hand, date: 2026-02-01}
"""


def test_each_month_has_its_invoice_and_together_they_are_the_bill(call) -> None:
    for name, text in {"months.yaml": MONTHS, "yuan.yaml": YUAN, "model.yaml": MODEL}.items():
        Path(name).write_text(text)
    words = ("--book", "yuan.yaml", "--catalogue", "model.yaml", "--replications", "1", "--ledger", "--out", "out")
    ended = call("run", "months.yaml", "--invoice", *words, *QUIET)
    assert ended.exit_code == 0, ended.stderr
    months = ("2026-02", "2026-03", "2026-04")
    files = [Path(f"out/invoices/000-d-{month}.csv") for month in months]
    assert sum(amounts(file, "amount_usd") for file in files) == bills(Path("out"))["d"][0]
    start_us, calls = 1_772_150_400_000_000, pq.read_table("out/ledger.parquet").to_pylist()  # 27 February, 0:00
    for month, file in zip(months, files, strict=True):
        rows = list(csv.DictReader(file.open(newline="")))
        own = [
            one for one in calls if f"{datetime.fromtimestamp((start_us + one['grant_us']) / 1e6, UTC):%Y-%m}" == month
        ]
        millions = {meter: Decimal(sum(one[meter] for one in own)).scaleb(-6) for meter in ("input", "output")}
        assert all(millions.values())
        for meter, count in millions.items():
            assert sum(Decimal(row["quantity"]) for row in rows if row["meter"] == meter) == count
        usage = sum(Decimal(row["amount_usd"]) for row in rows if row["meter"] in millions)
        minimum = sum(Decimal(row["amount_usd"]) for row in rows if row["meter"] == "minimum")
        assert abs(usage + minimum - max(usage, Decimal(3))) <= Decimal("0.000001")
        focus = list(csv.DictReader(file.with_name(f"{file.stem}-focus.csv").open(newline="")))
        assert {row["BillingPeriodStart"] for row in focus} == {f"{month}-01T00:00:00Z"}
        assert sum(Decimal(row["BilledCost"]) for row in focus) == amounts(file, "amount_usd")


def test_invoices_are_sealed_and_part_of_what_the_run_is(call) -> None:
    call("run", "heartbeat", "--invoice", "--out", "with", *QUIET)
    call("run", "heartbeat", "--out", "without", *QUIET)
    with_it, without = (json.loads(Path(name, "manifest.json").read_text()) for name in ("with", "without"))
    assert with_it["id"] != without["id"]
    assert sum(name.startswith("invoices/") for name in with_it["files"]) == 3
    again = call("run", "heartbeat", "--invoice", "--out", "with", "--no-pictures", "--engine", "reference")
    assert "already there, verified" in again.stderr
    invoice = next(Path("with/invoices").glob("*.md"))
    invoice.write_text(invoice.read_text().replace("1", "2"))
    spoilt = call("run", "heartbeat", "--invoice", "--out", "with", *QUIET)
    assert spoilt.exit_code == 2
    assert "checksum differs" in spoilt.stderr


BOOK = """
name: yuan
about: a list in yuan
checked: 2026-02-20
exchange_rates:
  CNY: {usd_per_unit: 0.1379, on: 2026-02-20, source: made}
offers:
  zai/glm-5:
    - {currency: CNY, valid_from: 2026-02-01, source: made, per_mtok: {input: 4, cache_read: 1, output: 18}}
"""


def test_a_list_in_another_currency_adds_up_in_dollars(call) -> None:
    Path("yuan.yaml").write_text(BOOK)
    words = ("run", "chat-session", "--models", "zai/glm-5", "--book", "yuan.yaml", "--invoice", "--out", "out")
    ended = call(*words, "--start", "2026-02-20T09:00", "--replications", "1", *QUIET)
    assert ended.exit_code == 0, ended.stderr
    ((_, (bill,)),) = bills(Path("out")).items()
    table = next(Path("out/invoices").glob("000*5.csv"))
    assert amounts(table, "amount_usd") == bill
    listed = amounts(table, "list_amount")
    assert bill == (listed * Decimal("0.1379")).quantize(Decimal("0.000001"))  # converted once, on the total


def test_a_deployment_without_a_price_has_no_invoice(call) -> None:
    words = ("compare", "blackboard", "--as-of", "2026-02-06", "--invoice", "--out", "out")
    ended = call(*words, *QUIET)
    assert ended.exit_code == 3
    written = {path.name for path in Path("out/invoices").iterdir()}
    priced = [
        part["name"] for part in json.loads(Path("out/summary.json").read_text())["deployments"] if part["bill_usd"]
    ]
    assert len(written) == 3 * len(priced)


CONTRACT = """
deployments:
  plain: {roles: {lead: openrouter/minimax-m2.5}}
  contracted:
    roles: {lead: openrouter/minimax-m2.5}
    contract: {discounts: {openrouter: 10%}, purchase: $50, minimum_per_month: $7, tax: 19%}
"""


def test_a_contract_shows_on_the_invoice(call) -> None:
    call("new", "made", "--from", "chat-session", "--quiet")
    Path("made.yaml").write_text(Path("made.yaml").read_text() + CONTRACT)
    ended = call("compare", "made.yaml", "--invoice", "--replications", "1", "--out", "out", *QUIET)
    assert ended.exit_code == 0, ended.stderr
    plain, contracted = (
        list(csv.DictReader(Path(f"out/invoices/{stem}-focus.csv").read_text().splitlines()))
        for stem in ("000-plain", "001-contracted")
    )
    usage = [row for row in contracted if row["ChargeCategory"] == "Usage"]
    for row, listed in zip(usage, plain, strict=True):
        assert (row["ListUnitPrice"], row["ListCost"]) == (listed["ListUnitPrice"], listed["ListCost"])
        assert Decimal(row["ContractedUnitPrice"]) == Decimal("0.9") * Decimal(listed["ListUnitPrice"])
        assert Decimal(row["BilledCost"]) == Decimal("0.9") * Decimal(listed["BilledCost"])
    used = sum(Decimal(row["BilledCost"]) for row in usage)
    beside = {row["x_Meter"]: Decimal(row["BilledCost"]) for row in contracted if row not in usage}
    assert beside["fee"] == Decimal("2.75")  # 5.5% of one purchase of $50
    assert beside["minimum"] == 7 - used, "to the last digit"
    assert beside["tax"] == ((used + beside["fee"] + beside["minimum"]) * Decimal("0.19")).quantize(Decimal("0.000001"))
    ((bill,), (whole,)) = bills(Path("out")).values()
    assert sum(Decimal(row["BilledCost"]) for row in contracted) == whole > bill


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--invoice-of", "2", "--replications", "1"), "--invoice-of 2 is not played: --replications 1 are 0 to 0"),
        (("--invoice-of", "mean"), "is no replication"),
        (("--invoice-of", "-1"), "is no replication"),
        (("--invoice-of", "9" * 5_000), "is no replication"),
    ],
)
def test_what_is_wrong_is_refused(call, words: tuple[str, ...], says: str) -> None:
    ended = call("run", "heartbeat", *words, *QUIET)
    assert ended.exit_code == 2
    assert says in ended.stderr
    assert not Path("results").exists()


def test_automatic_replications_that_end_before_the_one_asked_for_are_refused(call) -> None:
    words = ("--replications", "auto", "--precision", "50%", "--invoice-of", "5000")
    ended = call("run", "heartbeat", *words, *QUIET)
    assert ended.exit_code == 2
    assert "replication 5000 is not played" in ended.stderr
    assert not list(Path("results").glob("*/*/manifest.json"))

"""A wrong book is refused with file, line, column, the value, the rule and a remedy; all errors at once."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from burncurve.errors import InputError
from burncurve.prices import load

HEAD = "checked: 2026-03-01\noffers:\n  maker/model:\n"
PLAIN = "    - {valid_from: 2026-01-01, per_mtok: {input: 1, output: 1}, source: me"
GOOD = "    - {valid_from: 2026-01-01, per_mtok: {input: 0.30, output: 1}, source: my contract}\n"


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "book.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refusal(folder: Path, text: str | bytes) -> str:
    with pytest.raises(InputError) as raised:
        load(str(write(folder, text)))
    return str(raised.value)


def test_a_book_of_ones_own_is_one_small_file(tmp_path: Path) -> None:
    book = load(str(write(tmp_path, HEAD + GOOD)))
    assert book.name == "book"
    assert book.prices[0].bands[0].rates == {"input": Decimal("0.30"), "output": Decimal(1)}


MULTIPLE = "multiples:\n  - {valid_from: 2026-01-01, source: me, "
# What stands below the offer, with ^ at the place that the message must name, and what it says.
ENTRIES = [
    ("    - {valid_from: 2026-01-01, per_mtok: {input: ^-1, output: 1}, source: me}", "`-1` is not a price"),
    ("    - {valid_from: 2026-01-01, per_mtok: {input: ^.nan, output: 1}, source: me}", "`.nan` is not a price"),
    ("    - {valid_from: 2026-01-01, per_mtok: {input: ^.inf, output: 1}, source: me}", "is not a price"),
    ("    - {valid_from: 2026-01-01, per_mtok: {input: ^1e3, output: 1}, source: me}", "is not a price"),
    ("    - {valid_from: 2026-01-01, per_mtok: {input: ^cheap, output: 1}, source: me}", "`cheap` is not a price"),
    ("    - {valid_from: 2026-01-01, per_mtok: {^inptu: 1, output: 1}, source: me}", "did you mean input?"),
    (
        "    - ^{valid_from: 2026-01-01, per_mtok: {input: unknown, output: unknown}, source: me}",
        "neither an input nor an output price",
    ),
    ("    - {valid_from: 2026-01-01, per_mtok: ^{output: 1}, source: me}", "`input` is missing, and every bill"),
    ("    - {valid_from: 2026-01-01, per_mtok: ^{input: 1}, source: me}", "write `output: unknown`"),
    ("    - {valid_from: 2026-01-01, per_mtok: {input: 1, output: ^null}, source: me}", "`null` is not a price"),
    ("    - ^{valid_from: 2026-01-01, source: me}", "`per_mtok` is missing"),
    (PLAIN + ", windows: [{name: a, utc: ['01:00-02:00'], per_mtok: ^{input: 1}}]}", "`output` is missing"),
    (PLAIN + ", long_context: [{above_tokens: 9, per_mtok: ^{output: 1}}]}", "`input` is missing"),
    (PLAIN + ", long_context: [{above_tokens: 9, per_mtok: ^{input: 1}}]}", "`output` is missing"),
    ("    - {^valid_form: 2026-01-01, per_mtok: {input: 1, output: 1}, source: me}", "did you mean valid_from?"),
    ("    - {valid_from: ^2026-13-01, per_mtok: {input: 1, output: 1}, source: me}", "`2026-13-01` is not a date"),
    ("    - {valid_from: ^2026-01-01T00:00+08:00, per_mtok: {input: 1, output: 1}, source: me}", "is not in UTC"),
    ("    - ^{valid_from: 2026-01-01, per_mtok: {input: 1, output: 1}}", "`source` is missing"),
    (
        "    - {valid_from: 2026-01-01, valid_until: ^2026-01-01, per_mtok: {input: 1, output: 1}, source: me}",
        "is not after",
    ),
    ("    - ^{valid_from: 2026-01-01, per_mtok: {input: 1, output: 1}, source: me, currency: CNY}", "no exchange rate"),
    (
        "    - {valid_from: 2026-01-01, per_mtok: {input: 1, output: 1}, source: me, currency: ^'=1+1'}",
        "code of a currency",
    ),
    (
        "    - {valid_from: 2026-01-01, per_mtok: {input: 1, output: 1}, source: me, currency: ^usd}",
        "code of a currency",
    ),
    (
        "    - {valid_from: 2026-01-01, per_mtok: {input: 1, ^input: 2}, source: me}",
        "repeats the key 'input', first given in line 4",
    ),
    ("    - {valid_from: 2026-01-01, per_mtok: ^3, source: me}", "expected fields"),
    ("    ^{valid_from: 2026-01-01, per_mtok: {input: 1, output: 1}, source: me}", "expected a list"),
    (
        "    - {valid_from: 2026-01-01, per_mtok: {input: 1, output: 1}, source: me, service_tier: ^bach}",
        "did you mean batch",
    ),
    (
        PLAIN + ", windows: [{name: a, utc: [^'22:00-04:00'], per_mtok: {input: 1, output: 1}}]}",
        "ends before it begins",
    ),
    (
        PLAIN + ", windows: [{name: a, utc: [^'1-4'], per_mtok: {input: 1, output: 1}}]}",
        "is not a span of the day",
    ),
    (PLAIN + ", windows: [{name: a, utc: ^[], per_mtok: {input: 1, output: 1}}]}", "it never counts"),
    (PLAIN + ", windows: [{name: a, utc: ['1-2'], days: ^[], per_mtok: {input: 1, output: 1}}]}", "never counts"),
    (
        PLAIN + ", long_context: [{above_tokens: ^0, per_mtok: {input: 1, output: 1}}]}",
        "is not a number of tokens",
    ),
    (
        "    - ^{valid_from: 2026-01-01, per_mtok: {input: 1, output: 1}, source: me, long_context: "
        "[{above_tokens: 9, per_mtok: {input: 1, output: 1}}, {above_tokens: 9, per_mtok: {input: 1, output: 1}}]}",
        "do not rise",
    ),
]


def test_a_rate_that_nobody_states_is_written_as_such(tmp_path: Path) -> None:
    entry = PLAIN.replace("output: 1", "output: unknown") + "}\n"
    assert load(str(write(tmp_path, HEAD + entry))).prices[0].bands[0].rates == {"input": Decimal(1)}


def test_above_a_bound_that_only_the_excess_pays_there_is_no_output(tmp_path: Path) -> None:
    rule = ", long_context_pays: excess, long_context: [{above_tokens: 9, per_mtok: {input: 2}}]}\n"
    assert load(str(write(tmp_path, HEAD + PLAIN + rule))).prices[0].bands[1].rates == {"input": Decimal(2)}


@pytest.mark.parametrize(("entry", "message"), ENTRIES)
def test_a_wrong_entry_is_named_with_its_place(tmp_path: Path, entry: str, message: str) -> None:
    text = refusal(tmp_path, HEAD + entry.replace("^", "") + "\n")
    assert f"book.yaml:4:{entry.index('^') + 1}:" in text
    assert message in text


# Lines before the offers, with ^ at the place in the second line that the message must name, and what it says.
BESIDE = [
    ("holidays:\n  a: {from: 2026-01-01, to: 2026-12-31, days: [^2027-01-01], source: me}", "is outside 2026-01-01"),
    ("holidays:\n  a: ^{from: 2026-01-01, days: [], source: me}", "`to` is missing"),
    (MULTIPLE + "offers: [^maker/modle], service_tier: batch, factor: 1}", "did you mean maker/model"),
    (MULTIPLE + "offers: [maker/*], service_tier: ^bach, factor: 1}", "did you mean batch"),
    (MULTIPLE + "offers: [maker/*], service_tier: batch, factor: ^-1}", "factor: `-1` is not a factor"),
    (MULTIPLE + "offers: [maker/*], service_tier: batch, factor: ^0.0}", "factor: 0 makes it free"),
    ("multiples:\n  - ^{offers: [maker/*], factor: 1, valid_from: 2026-01-01, source: me}", "give one of the two"),
    (MULTIPLE + "offers: [maker/*], region: us, factor: 1, meters: [^inptu]}", "did you mean input"),
    ("fees:\n  ^shop: [{valid_from: 2026-01-01, percent: 5, source: me}]", "no price of a seller 'shop'"),
    ("fees:\n  maker: [{valid_from: 2026-01-01, percent: ^much, source: me}]", "`much` is not a percentage"),
    ("fees:\n  ^maker: [" + ", ".join(["{valid_from: 2026-01-01, percent: 5, source: a}"] * 2) + "]", "do not rise"),
    ("exchange_rates:\n  CNY: {usd_per_unit: ^0, on: 2026-01-01, source: me}", "is worth nothing"),
    ("exchange_rates:\n  CNY: {usd_per_unit: ^-7, on: 2026-01-01, source: me}", "`-7` is not a rate"),
]


@pytest.mark.parametrize(("lines", "message"), BESIDE)
def test_what_stands_beside_the_offers_is_named_with_its_place(tmp_path: Path, lines: str, message: str) -> None:
    text = refusal(tmp_path, lines.replace("^", "") + "\n" + HEAD + GOOD)
    assert f"book.yaml:2:{lines.partition(chr(10))[2].index('^') + 1}:" in text
    assert message in text


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            ", windows: [{name: a, utc: ['01:00-02:00'], not_on: feats, per_mtok: {input: 1, output: 1}}]}",
            "did you mean feast?",
        ),
        (
            ", long_context_pays: excess, long_context: [{above_tokens: 9, per_mtok: {input: 1, output: 1}}]}",
            "rates of output",
        ),
        (", long_context_pays: exces}", "did you mean excess?"),
        (", long_context_compares: promt}", "did you mean prompt?"),
    ],
)
def test_rules_of_an_entry_are_checked(tmp_path: Path, entry: str, message: str) -> None:
    holidays = "holidays: {feast: {from: 2026-01-01, to: 2026-12-31, days: [2026-02-24], source: me}}\n"
    assert message in refusal(tmp_path, holidays + HEAD + PLAIN + entry + "\n")


HOURS = "{{name: {}, utc: ['{}'], days: [{}], per_mtok: {{input: 1, output: 1}}{}}}"


@pytest.mark.parametrize(
    ("other", "meets"),
    [
        (("b", "03:59-05:00", "tue", ""), True),
        (("b", "04:00-05:00", "tue", ""), False),
        (("b", "03:59-05:00", "mon", ""), False),
        (("b", "00:00-24:00", "tue", ", not_on: feast"), False),
    ],
)
def test_an_hour_has_one_price(tmp_path: Path, other: tuple[str, ...], meets: bool) -> None:
    feast = "holidays: {feast: {from: 2026-01-01, to: 2026-12-31, days: [2026-02-24], source: me}}\n"
    windows = f", windows: [{HOURS.format('a', '01:00-04:00', 'tue, wed', '')}, {HOURS.format(*other)}]}}\n"
    if meets:
        assert "windows 'a' and 'b' meet on tue" in refusal(tmp_path, feast + HEAD + PLAIN + windows)
    else:
        assert len(load(str(write(tmp_path, feast + HEAD + PLAIN + windows))).prices[0].windows) == 2


def test_an_exchange_rate_is_of_a_currency(tmp_path: Path) -> None:
    rates = "exchange_rates: {'=CMD()': {usd_per_unit: 1, on: 2026-01-01, source: me}}\n"
    assert "exchange_rates: '=CMD()' is not the code of a currency" in refusal(tmp_path, rates + HEAD + GOOD)


def test_two_entries_for_one_time_are_refused(tmp_path: Path) -> None:
    earlier = GOOD.replace("per_mtok", "valid_until: 2026-06-01, per_mtok")
    later = GOOD.replace("valid_from: 2026-01-01", "valid_from: 2026-03-01, known_since: 2026-01-01")
    text = refusal(tmp_path, HEAD + earlier + later)
    assert "book.yaml:5:7: maker/model: valid from 2026-03-01 overlaps the entry at" in text
    assert "book.yaml:4:7" in text


def test_two_multiples_for_one_tier_are_told_by_both_their_places(tmp_path: Path) -> None:
    """Also where a region is a multiple of that tier: nothing is told twice."""
    rule = "  - {offers: [%s], service_tier: batch, factor: %s, valid_from: 2026-01-01, source: me}\n"
    region = "  - {offers: [maker/model], region: us, factor: 1.1, valid_from: 2026-01-01, source: me}\n"
    rules = "multiples:\n" + rule % ("maker/model", "0.5") + rule % ("maker/*", "0.6") + region
    text = refusal(tmp_path, HEAD + GOOD + rules)
    assert "book.yaml:7:5: maker/model: its price at the tier batch is a multiple here and by the one at" in text
    assert text.count("book.yaml:6:5") == text.count("leave the offer out of one of the two") == 1
    assert "overlaps" not in text


def test_an_entry_does_not_end_another_before_its_stated_end(tmp_path: Path) -> None:
    """What begins later is known later; that alone is no correction of what says itself until when it holds."""
    earlier = GOOD.replace("per_mtok", "valid_until: 2026-06-01, per_mtok")
    later = GOOD.replace("valid_from: 2026-01-01", "valid_from: 2026-03-01")
    assert "valid from 2026-03-01 overlaps" in refusal(tmp_path, HEAD + earlier + later)
    said = later.replace("per_mtok", "known_since: 2026-03-01, per_mtok")
    assert len(load(str(write(tmp_path, HEAD + earlier + said))).prices) == 2


def test_a_correction_known_later_may_overlap(tmp_path: Path) -> None:
    later = GOOD.replace("valid_from: 2026-01-01", "valid_from: 2026-01-01, known_since: 2026-02-01")
    assert len(load(str(write(tmp_path, HEAD + GOOD + later))).prices) == 2


def test_all_errors_are_reported_at_once(tmp_path: Path) -> None:
    entry = "    - {valid_from: soon, per_mtok: {input: -1, outptu: 2}, source: me, colour: red}\n"
    text = refusal(tmp_path, HEAD + entry)
    assert [word in text for word in ("`soon`", "`-1`", "'outptu'", "'colour'")] == [True] * 4


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\x00\xff\xfe", "is not UTF-8 text"),
        (b"a: [1", "is not YAML"),
        (b"a: &x [1]\nb: *x", "is an alias (*x); a price book has none"),
        (b"[" * 100 + b"]" * 100, "nested more than 20 levels"),
        (b"- 1", "expected fields"),
        (b"#" * 3_000_000, "has 3,000,000 bytes; a price book has at most 2,000,000"),
        (b"a: \x07", "book.yaml:1:4: holds a control character"),
        (b"a: 1\n---\nb: 1", "starts a second document"),
        (b"a: !!python/name:os.system 1", "has the tag"),
    ],
)
def test_hostile_files_get_one_message(tmp_path: Path, content: bytes, message: str) -> None:
    assert message in refusal(tmp_path, content)


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(InputError, match="did you mean list"):
        load("lists")


def test_a_folder_is_not_a_book(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder and not a price book"):
        load(str(tmp_path))

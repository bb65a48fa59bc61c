"""How figures are written for people: tokens, money, shares, factors and times, the same in tables and pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Context, Decimal, Inexact, localcontext
from fractions import Fraction

PICO = 10**12
MOST_DIGITS = 200  # of an exact decimal; no price or bill comes near
SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "CNY": "¥"}
SCALES = ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k"))


def tokens(count: float) -> str:
    """Return a count of tokens with one decimal below 100, if any: `950`, `15 k`, `41.2 M`, `182 M`, `5.4 B`."""
    for scale, letter in SCALES:
        if round(abs(count) / scale, 3) >= 1:
            return f"{_short(count / scale)} {letter}"
    return f"{count:,.0f}"


def count(number: float) -> str:
    """Return a count with thousands separators, a mean below a thousand with one decimal: `4,973`, `28.7`."""
    return f"{number:,.0f}" if float(number).is_integer() or abs(number) >= 1000 else f"{number:,.1f}"


def money(amount: float, currency: str = "USD") -> str:
    """Return an amount with cents, below one with three digits that count: `$0.00420`, `$38.20`, `$1,234.50`."""
    sign = SIGNS.get(currency, f"{currency} ")
    minus = "-" if amount < 0 else ""
    return f"{minus}{sign}{_digits(abs(amount))}"


def exact(number: int | Fraction) -> str:
    """Return a number as a decimal with all its digits and no more: `12`, `0.00375`.

    Raises decimal.Inexact for a fraction that no decimal is equal to.
    """
    with localcontext(Context(prec=MOST_DIGITS, traps=[Inexact])):
        plain = f"{Decimal(number.numerator) / Decimal(number.denominator):f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def exact_money(pico: int | Fraction) -> str:
    """Return pico-units as units with all their digits, and no more."""
    return exact(Fraction(pico) / PICO)


def share(part: float, whole: float, decimals: int = 0) -> str:
    """Return the part of the whole in per cent, never rounded to all or nothing where it is not."""
    percent = 100 * part / whole if whole else 0.0
    least = 10.0**-decimals
    if 0 < percent < least:
        return f"<{least:.{decimals}f}%"
    if -least < percent < 0:
        return f">-{least:.{decimals}f}%"
    if 100 - least < percent < 100:
        return f">{100 - least:.{decimals}f}%"
    return f"{percent:.{decimals}f}%"


def times(factor: float) -> str:
    """Return a factor with three digits that count: `0.0458×`, `1.40×`, `16.7×`, `1,234×`; at most a million."""
    if factor >= 1e6:
        return "over 1,000,000×"
    if factor >= 99.95:
        return f"{factor:,.0f}×"
    return f"{factor:.{1 if factor >= 9.995 else 2}f}×" if factor >= 0.9995 else f"{_digits(factor)}×"


def duration(time_us: float) -> str:
    """Return a time in the largest fitting unit: `45 s`, `20 min`, `8 h`, `5 days`."""
    seconds = time_us / 1e6
    unit, name = duration_unit(seconds)
    return f"{_plain(seconds / unit)} {name}"


def duration_unit(seconds: float) -> tuple[int, str]:
    """Return the unit that a time of so many seconds is written in: its own length in seconds, and its name."""
    units = ((86_400, "days", 2 * 86_400), (3_600, "h", 3_600), (60, "min", 60))
    return next(((unit, name) for unit, name, least in units if seconds >= least), (1, "s"))


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: `a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def shortened(name: str, letters: int = 28) -> str:
    """Return the name on one line, its middle left out where it is longer than so many letters."""
    name = printable(name)
    if len(name) <= letters:
        return name
    head = (letters - 1) * 3 // 5
    return f"{name[:head]}…{name[len(name) - (letters - 1 - head) :]}"


def printable(text: str) -> str:
    """Return the text on one line, without control characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _short(number: float) -> str:
    return _plain(number) if round(abs(number), 1) < 100 else f"{number:,.0f}"


def _digits(amount: float) -> str:
    if amount == 0:
        return "0"
    if amount < 1e-6:
        return f"{amount:.1e}"
    if amount >= 0.9995:
        return f"{amount:,.2f}"
    return f"{amount:.{2 - math.floor(math.log10(amount))}f}"


def _plain(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")

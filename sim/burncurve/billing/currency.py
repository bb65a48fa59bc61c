"""Another currency: converted once, on the total, and allocated to the lines by largest remainder."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

PICO_PER_MICRO = 10**6


def converted(amount_pico: int, usd_per_unit: Fraction) -> int:
    """Return pico-dollars of pico-units of a currency, rounded half to even to a millionth of a dollar."""
    return round(amount_pico * usd_per_unit / PICO_PER_MICRO) * PICO_PER_MICRO


def allocated(total_pico: int, weights: Sequence[int]) -> list[int]:
    """Return shares of a total in whole millionths of a dollar, as near to the weights as they can add up to it.

    Each gets its share rounded down; what is left goes to the largest remainders, to the earlier of equal ones.
    """
    whole = sum(weights)
    if whole == 0:
        return [0 for _ in weights]
    units = total_pico // PICO_PER_MICRO
    shares = [divmod(units * weight, whole) for weight in weights]
    left = units - sum(share for share, _ in shares)
    by_remainder = sorted(range(len(shares)), key=lambda i: (-shares[i][1], i))
    favoured = set(by_remainder[:left])
    return [(share + (i in favoured)) * PICO_PER_MICRO for i, (share, _) in enumerate(shares)]

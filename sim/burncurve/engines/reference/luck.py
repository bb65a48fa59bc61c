"""How quantities are drawn for an entity, and the salts of the engines' own purposes."""

from __future__ import annotations

from burncurve.draws import derive, draw, hits, look_up, salt_of
from burncurve.engines.rules import scaled
from burncurve.workload import Per, Quantity

# (turn key, request key, session key, run key): Per is the index
Keys = tuple[int, int, int, int]

ARRIVAL = salt_of("arrival")
ATTEMPT = salt_of("attempt")
SESSION = salt_of("session")
CHILD = salt_of("child")
PERSON = salt_of("person")
DAY = salt_of("day")
START = salt_of("start")
LOOP = salt_of("loop")
BASE_CHANGE = salt_of("base change")
ANNOUNCE = salt_of("announce")
EXTRA_CALL = salt_of("extra call")
FLUSH = salt_of("flush")
COMPACTION = salt_of("compaction")
SIDE = salt_of("side")
TIME = salt_of("time")
BROKEN = salt_of("broken")
BREAK_AT = salt_of("break at")
HISTORY_MISS = salt_of("history miss")
BASE_MISS = salt_of("base miss")
LIFE = salt_of("time to live")
BACKOFF = salt_of("backoff")
SUCCESS = salt_of("success")
TRACE = salt_of("trace")


def drawn(quantity: Quantity, keys: Keys, ordinal: int) -> int:
    """Return the quantity for an entity: its table's value, times its factors, held within its bounds."""
    per = quantity.per
    table = quantity.table
    if table.kind:
        value = look_up(table, derive(keys[per], quantity.salt, 0 if per else ordinal) >> 2)
    else:  # constants need no luck
        value = table.values[0]
    for factor in quantity.times:
        u = draw(keys[factor.per], factor.salt, 0 if factor.per else ordinal)
        value = scaled(value, look_up(factor.table, u))
    if quantity.low <= value <= quantity.high:
        return value
    return quantity.low if value < quantity.low else quantity.high


def happens(probability: Quantity, keys: Keys, salt: int, ordinal: int) -> bool:
    """Say whether something of a (possibly drawn) probability happens to the entity of the turn key."""
    if probability.table.kind or probability.times:
        threshold = drawn(probability, keys, ordinal)
    else:
        threshold = probability.table.values[0]
    return threshold > 0 and hits(draw(keys[Per.TURN], salt, ordinal), threshold)

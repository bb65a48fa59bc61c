"""The salts of the reference's `luck` as unsigned integers of their own type."""

from __future__ import annotations

import numpy as np

from burncurve.engines.reference import luck

ARRIVAL, ATTEMPT, SESSION, CHILD = map(np.uint64, (luck.ARRIVAL, luck.ATTEMPT, luck.SESSION, luck.CHILD))
PERSON, DAY, START, LOOP = map(np.uint64, (luck.PERSON, luck.DAY, luck.START, luck.LOOP))
BASE_CHANGE, ANNOUNCE, FLUSH = map(np.uint64, (luck.BASE_CHANGE, luck.ANNOUNCE, luck.FLUSH))
COMPACTION, TIME, BROKEN = map(np.uint64, (luck.COMPACTION, luck.TIME, luck.BROKEN))
BREAK_AT, HISTORY_MISS, BASE_MISS = map(np.uint64, (luck.BREAK_AT, luck.HISTORY_MISS, luck.BASE_MISS))
LIFE, BACKOFF, SUCCESS, TRACE = map(np.uint64, (luck.LIFE, luck.BACKOFF, luck.SUCCESS, luck.TRACE))

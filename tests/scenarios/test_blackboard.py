"""The blackboard scenario against the ledger and the bills worked out by hand in docs/blackboard.md."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from burncurve.billing import bill
from burncurve.catalogue import load as load_catalogue
from burncurve.deploy import deployments
from burncurve.deployment import Account, CacheKind, CacheRule, Deployment, Leg, Offer, Route
from burncurve.engines import play
from burncurve.ledger import Ledger
from burncurve.prepare import prepare
from burncurve.prices import load as load_book
from burncurve.scenario import read

SCENARIO = Path(__file__).resolve().parents[2] / "scenarios" / "blackboard.yaml"

# Everything below is typed in from docs/blackboard.md, the calls in its order A, B, C, D.
CALLS = {
    "task": [0, 1, 0, 0],
    "parent": [-1, 0, -1, -1],
    "depth": [0, 1, 0, 0],
    "session": [0, 1, 0, 0],
    "agent": ["teacher", "pupil", "teacher", "teacher"],
    "kind": ["turn", "turn", "announce", "turn"],
    "status": ["ok", "ok", "ok", "ok"],
    "turn": [1, 1, 1, 2],
    "attempt": [0, 0, 0, 0],
    "from_base": [10_000, 5_000, 10_000, 10_000],
    "from_user": [1_000, 0, 1_000, 1_000],
    "from_output": [0, 0, 1_000, 2_000],
    "from_reasoning": [0, 0, 0, 0],
    "from_tools": [0, 0, 0, 0],
    "from_agents": [0, 1_000, 1_000, 1_000],
    "from_summary": [0, 0, 0, 0],
    "fresh": [11_000, 6_000, 2_000, 1_000],
    "fresh_agents": [0, 1_000, 1_000, 0],
    "output": [1_000, 1_000, 1_000, 1_000],
    "reasoning": [0, 0, 0, 0],
    "web_searches": [0, 0, 0, 0],
    "context_after": [12_000, 7_000, 14_000, 15_000],
    "cache_write_1h": [0, 0, 0, 0],
}
PROMPT = [11_000, 6_000, 13_000, 14_000]
METERS = {
    "opus": {
        "input": [0, 0, 0, 0],
        "cache_read": [0, 0, 11_000, 13_000],
        "cache_write_5m": [11_000, 6_000, 2_000, 1_000],
    },
    "minimax": {
        "input": [11_000, 6_000, 2_000, 1_000],
        "cache_read": [0, 0, 11_000, 13_000],
        "cache_write_5m": [0, 0, 0, 0],
    },
}
TIMES_US = {
    "request_us": [0, 13_200_000, 25_400_000, 37_020_000],
    "grant_us": [0, 13_200_000, 25_400_000, 37_020_000],
    "first_token_us": [3_200_000, 15_400_000, 27_020_000, 38_480_000],
    "end_us": [13_200_000, 25_400_000, 37_020_000, 48_480_000],
}

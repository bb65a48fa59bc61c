"""A scenario of two people's agents, as far as tests of fits and of replays are at one about it."""

from __future__ import annotations


def begun(name: str, horizon: str) -> str:
    """Return the scenario up to the turns of its first agent, `lead`."""
    return f"""
name: {name}
start: 2026-11-02T09:00
horizon: {horizon}
users:
  agent: lead
  count: 2
  sessions_per_day: 3
  requests: {{geometric: {{mean: 4}}, clip: [1, 40], per: session}}
  think: {{lognormal: {{median: 70s, sigma: 1.4}}, clip: [1s, 8h]}}
agents:
  lead:
    role: lead
    base: 20k
    message: {{lognormal: {{median: 150, sigma: 0.9}}, clip: [1, 20k]}}
    turns: {{lognormal: {{median: 6, sigma: 0.7}}, clip: [1, 90], per: request}}
"""

"""What `burncurve new` writes: a small commented scenario, or a copy of another with its name changed."""

from __future__ import annotations

import json
import re

from burncurve.errors import InputError, Problem

SCHEMA_LINE = re.compile(r"\A# yaml-language-server: .*\n")
NAME_LINE = re.compile(r"^name:.*(?:\n[ \t]+\S.*)*$", re.MULTILINE)
MOST_LETTERS = 200

_SMALL = """\
# Editors check this file as you type after: burncurve schema > scenario.schema.json
# k = 1,000 and M = 1,000,000; durations take ms, s, m, h, d, w; 10% is a share.
# Wherever a number stands, a distribution may stand, or range: [low, mode, high] for what is not known.
# TraceLab: published quantiles of 4,265 real sessions of coding agents, lognormal fits.
name: {name}
about: A coding agent that is asked ten times a day.
start: 2026-11-02T09:00 # local; decides calendars and the prices in force
time_zone: UTC
horizon: 1d

agents:
  coder:
    role: lead # deployments say which offer serves a role
    base: 20k # assumption: system prompt, tool schemas and injected files, sent with every call
    message: 200 # assumption
    turns: {{lognormal: {{median: 6, sigma: 0.8}}, clip: [1, 60], per: request}} # assumption; model calls per request
    output: {{lognormal: {{median: 211, sigma: 1.34}}, clip: [1, 32k]}} # TraceLab: tokens written per call
    tools:
      calls: 1
      result: {{lognormal: {{median: 550, sigma: 1.2}}, clip: [0, 16k]}} # TraceLab: growth, less the output in it
      time: {{lognormal: {{median: 320ms, sigma: 2.83}}, clip: [1ms, 10m]}} # TraceLab: tool execution
    compact: {{at: 160k, keep: 20k, summary: 5k}} # assumption
    # spawn:
    #   - {{agent: helper, probability: 10%, count: 2, join: wait, brief: 500}}
  # helper: {{role: worker, base: 10k, turns: 5, result: 1.5k}}

users:
  count: 1
  agent: coder
  sessions_per_day: 2 # assumption
  requests: 5 # assumption; per session
  hours: 09:00-18:00
  think: {{lognormal: {{median: 67s, sigma: 2.1}}, clip: [1s, 8h]}} # TraceLab: from an answer to the next request

# What is compared; without deployments a representative set of offers stands in.
deployments:
  opus: {{roles: {{lead: anthropic/claude-opus-4.6}}}}
  minimax: {{roles: {{lead: minimax/minimax-m2.5}}}}

# What must hold; `burncurve check` ends with exit code 99 where it does not.
thresholds:
  - mean(bill_usd) < 1000
"""


def _quoted(name: str) -> str:
    """Return a name as YAML text; raises InputError where it is empty, too long or holds control characters."""
    if not name.strip() or len(name) > MOST_LETTERS or not name.isprintable():
        what = f"{name[:60]!r} must be 1 to {MOST_LETTERS} printable characters"
        raise InputError(Problem("NAME", what, "write for example my-agents"))
    return json.dumps(name, ensure_ascii=False)  # a JSON string is a YAML string


def small(name: str) -> str:
    """Return the text of a small commented scenario that validates and runs; raises InputError on a bad name."""
    return "# yaml-language-server: $schema=scenario.schema.json\n" + _SMALL.format(name=_quoted(name))


def renamed(text: str, name: str) -> str:
    """Return the text of a scenario under another name, comments and order kept.

    Raises InputError on a bad name, or where the text has no line `name:` at its left edge.
    """
    text = SCHEMA_LINE.sub("# yaml-language-server: $schema=scenario.schema.json\n", text, count=1)
    line = f"name: {_quoted(name)}"
    changed, count = NAME_LINE.subn(lambda _: line, text, count=1)
    if not count:
        raise InputError(Problem("--from", "has no line that begins with name:", "name another scenario"))
    return changed

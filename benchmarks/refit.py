"""Writes scenarios/coding-agent.yaml anew, fitted to the public traces: `python benchmarks/refit.py`.

Only parameters go into the scenario; what the traces do not tell is marked as an assumption there.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import traces
from burncurve.studies.fit import Fit, fit
from burncurve.studies.fit_text import Frame, scenario_text

TARGET = Path(__file__).resolve().parents[1] / "scenarios" / "coding-agent.yaml"
MARK = "kv-cache-tester, "
ROLES = {"main": "lead", "sub-agent": "helper"}
HELPER = "helper: anthropic/claude-haiku-4.5"
FRAME = Frame(
    name="Coding agent",
    about="Five developers work with a coding agent for a week, fifteen sessions a day.",
    source="callanjfox/kv-cache-tester (Apache-2.0), traces of Claude Code",
    time_zone="Europe/Berlin",
    sessions_per_day=15,
    people=("hours: 09:00-18:00 # assumption", "days: mon-fri # assumption"),
    schema="../docs/scenario.schema.json",
    deployments=(
        f"api: {{roles: {{lead: anthropic/claude-opus-4.6, {HELPER}}}}} # Claude Code with an API key: 5 min cache",
        f"hour:\n    roles: {{lead: anthropic/claude-opus-4.6, {HELPER}}}\n"
        "    cache: {lead: 1h} # Claude Code, ENABLE_PROMPT_CACHING_1H",
        f"sonnet: {{roles: {{lead: anthropic/claude-sonnet-4.6, {HELPER}}}}}",
        "gpt: {roles: {lead: openai/gpt-5.2, helper: openai/gpt-5.2}}",
        "minimax: {roles: {lead: minimax/minimax-m3, helper: minimax/minimax-m3}}",
    ),
)
BIAS = """\
# The traces were chosen by their author: single-request, very long, heavily compacting and badly cached
# conversations were dropped, and 45% begin in mid-conversation. The first request of a session takes more turns than
# later ones (first_turns). Kinds of session are told apart by their number of requests, by their first prompt (below,
# from so many tokens) and by their window (large: contexts grow beyond 187k, where others were cut before), each a
# group of users of its own; the whole is what five developers do who each open three a day, so that figures per user
# are not those of a developer.
"""


def text(found: Fit) -> str:
    """Return the scenario, each figure marked with what it was read off."""
    return "\n".join(_marked(scenario_text(found, FRAME).replace("\nname:", f"\n{BIAS}name:", 1))) + "\n"


def _marked(written: str) -> Iterator[str]:
    body = False
    for line in written.splitlines():
        body = body or line.startswith("users:")
        for role, name in ROLES.items():
            line = re.sub(rf"^    role: {role}$", f"    role: {name}", line)
        line = line.replace("main-", "coder-")
        deployment = (line.startswith("  ") and "roles:" in line) or "ENABLE" in line
        yield re.sub(r"# (?!assumption)", f"# {MARK}", line) if body and not deployment else line


def main() -> None:
    """Fit and write."""
    path = traces.traces_path()
    if path is None:
        sys.exit(f"give the path of requests.csv.gz in {traces.VARIABLE}")
    TARGET.write_text(text(fit(traces.read(path), dated=False)), encoding="utf-8")


if __name__ == "__main__":
    main()

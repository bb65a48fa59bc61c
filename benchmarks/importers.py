"""How fast logs of Claude Code are read, and in how much memory.

Files of the wanted size are made in a temporary folder from one session of 64 lines: a real one where
BURNCURVE_EXAMPLE_SESSIONS names the folder of github.com/uw-syfi/TraceLab's example sessions, else one written here
with the same kinds and sizes of lines. Each copy has ids of its own, so that nothing is counted as repeated.

With `--calls`, logs of so many calls are imported, ten to a session and as short as they can be: a call in 370 bytes
shows what each takes in memory as 9 kB around it would not.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SESSION, MESSAGE = "2f8b1c4d-6a73-4e9b-91c0-5d7f3a8e2b46", "msg_01"
WANTED_MB_PER_S, WANTED_GB_S = 100.0, 15.0
MB = 1_000_000
CALLS_OF_A_SESSION = 10
LINES_OF_AN_ANSWER, ANSWERS, OTHERS, RESULT_LETTERS, TEXT_LETTERS = 3, 10, 24, 4_000, 700


def session() -> bytes:
    """Return the lines of one session, real or written."""
    examples = os.environ.get("BURNCURVE_EXAMPLE_SESSIONS")
    if examples:
        lines = (Path(examples) / "claude" / "session.jsonl").read_text(encoding="utf-8").splitlines()
        return "".join(f"{json.dumps(json.loads(line), separators=(',', ':'))}\n" for line in lines).encode()
    return "".join(f"{json.dumps(line, separators=(',', ':'))}\n" for line in _written()).encode()


def _written() -> Iterator[dict[str, Any]]:
    common = {"sessionId": SESSION, "timestamp": "2026-06-01T05:40:20.151Z", "cwd": "/srv", "isSidechain": False}
    usage = {
        "input_tokens": 2,
        "cache_creation_input_tokens": 900,
        "cache_read_input_tokens": 30_000,
        "output_tokens": 99,
    }
    for number in range(ANSWERS):
        result = {"type": "tool_result", "tool_use_id": "t", "content": "word " * (RESULT_LETTERS // 5)}
        yield {**common, "type": "user", "message": {"role": "user", "content": [result]}}
        for _ in range(LINES_OF_AN_ANSWER):
            content = [{"type": "text", "text": "word " * (TEXT_LETTERS // 5)}]
            message = {"id": f"{MESSAGE}{number:02d}", "model": "claude-opus-4-6", "content": content, "usage": usage}
            yield {**common, "type": "assistant", "message": message}
    for _ in range(OTHERS):
        yield {"type": "file-history-snapshot", "snapshot": {"text": "word " * (TEXT_LETTERS // 5)}}


def write(path: Path, megabytes: int) -> None:
    """Write a log of about this size."""
    text = session()
    with open(path, "wb") as file:
        for number in range(megabytes * MB // len(text) + 1):
            own = text.replace(MESSAGE.encode(), b"msg_%06d" % number).replace(SESSION[:8].encode(), b"%08x" % number)
            file.write(own)


def read(path: Path) -> dict[str, float]:
    """Read a log in this process: seconds of processor time, bytes, calls, the most memory used."""
    from burncurve.importers.reading import read as reading

    before_mb = _memory_mb()
    start_s = time.process_time()
    found = reading(path)
    spent_s = time.process_time() - start_s
    return {
        "cpu_s": spent_s,
        "megabytes": found.account.bytes / MB,
        "calls": len(found.observed),
        "memory_mb": _memory_mb() - before_mb,
    }


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def apart(path: Path) -> dict[str, float]:
    """Read a log in a process of its own, so that memory is that of this one log."""
    done = subprocess.run([sys.executable, __file__, "--read", str(path)], check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure(sizes_mb: list[int]) -> list[dict[str, float]]:
    """Return a record for each size, and the wall clock time of the whole command on the largest."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "session.jsonl"
        for size in sizes_mb:
            write(path, size)
            found.append(apart(path))
        found[-1] |= command(path, Path(folder) / "run")
    return found


def command(logs: Path, run: Path) -> dict[str, float]:
    """Import logs by the command: seconds by the wall clock and of processors, the most memory of one process."""
    words = (sys.executable, "-m", "burncurve", "import", str(logs), "--quiet", "--out", str(run))
    start_s = time.perf_counter()
    with open(os.devnull, "w") as nowhere, subprocess.Popen(words, stdout=nowhere, stderr=nowhere) as begun:
        _, status, used = os.wait4(begun.pid, 0)
        begun.returncode = os.waitstatus_to_exitcode(status)
    if begun.returncode not in (0, 3):  # 3: the model of the example may have no price
        raise RuntimeError(f"{' '.join(words)} ended with {begun.returncode}")
    return {
        "command_s": time.perf_counter() - start_s,
        "command_cpu_s": used.ru_utime + used.ru_stime,
        "command_memory_mb": used.ru_maxrss / 1024,
    }


def read_many(number: int) -> dict[str, float]:
    """Import so many files of one call each by the command."""
    with tempfile.TemporaryDirectory() as folder:
        for each in range(number):
            place = Path(folder) / "logs" / str(each // 1_000)
            place.mkdir(parents=True, exist_ok=True)
            line = {"model": "claude-opus-4-6", "session": str(each), "input": each, "output": 1}
            (place / f"{each}.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
        return {"files": number, **command(Path(folder) / "logs", Path(folder) / "run")}


def import_calls(numbers: list[int]) -> list[dict[str, float]]:
    """Import logs of so many short calls by the command, each in a process of its own."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "session.jsonl"
        for number in numbers:
            with open(path, "w", encoding="utf-8") as file:
                file.writelines(_short(number))
            size = path.stat().st_size / MB
            found.append({"calls": number, "megabytes": size, **command(path, Path(folder) / f"run-{number}")})
    return found


def _short(calls: int) -> Iterator[str]:
    for number in range(calls):
        session, turn = divmod(number, CALLS_OF_A_SESSION)
        day, minute = 1 + session % 28, session % 60
        common = f'"sessionId":"{session:08x}{SESSION[8:]}","cwd":"/srv","timestamp":"2026-06-{day:02}T05:{minute:02}'
        if turn == 0:
            yield f'{{"type":"user",{common}:00.000Z","message":{{"content":"x"}}}}\n'
        meters = {"input_tokens": 3, "cache_read_input_tokens": 10_000 + 900 * turn, "output_tokens": 50 + number % 97}
        message = {"id": f"m{number}", "model": "claude-opus-4-6", "content": [], "usage": meters}
        yield f'{{"type":"assistant",{common}:{5 * turn + 5:02}.000Z","message":{json.dumps(message)}}}\n'


def main() -> None:
    """Measure, and print a table or JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=[100, 1_000], metavar="MB")
    options.add_argument("--format", choices=("table", "json"), default="table")
    options.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--files", type=int, default=0, metavar="N", help="import N small files instead")
    options.add_argument("--calls", type=int, nargs="+", metavar="N", help="import N short calls instead")
    chosen = options.parse_args()
    if chosen.read:
        print(json.dumps(read(chosen.read)))
        return
    if chosen.calls:
        found = import_calls(chosen.calls)
    else:
        found = [read_many(chosen.files)] if chosen.files else measure(chosen.sizes)
    if chosen.format == "json":
        print(json.dumps(found))
        return
    for each in found:
        if chosen.calls:
            print(f"{each['calls']:>11,.0f} calls  {each['megabytes']:>7,.0f} MB", end="  ")
        elif "megabytes" in each:
            rate = each["megabytes"] / each["cpu_s"]
            print(
                f"{each['megabytes']:>7,.0f} MB  {rate:>6,.0f} MB/s per core (wanted {WANTED_MB_PER_S:,.0f})"
                f"  {each['calls']:>9,.0f} calls  {each['memory_mb']:>6,.0f} MB of memory"
            )
        if "command_s" in each:
            what = f"{each['files']:,} files" if "files" in each else "them" if chosen.calls else "the last"
            print(
                f"the whole command on {what}: {each['command_s']:.1f} s, {each['command_cpu_s']:.1f} s of processor"
                f" time, {each['command_memory_mb']:,.0f} MB of memory",
                end="\n" if chosen.calls or "files" in each else f" (wanted {WANTED_GB_S:.0f} s for 1,000 MB)\n",
            )


if __name__ == "__main__":
    main()

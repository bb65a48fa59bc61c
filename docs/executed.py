"""Runs the examples of Markdown pages and writes down what they print.

A ```python block is executed, with the names of the blocks before it on the page; a ```text block right after it
holds what it printed. In a ```console block each line that starts with "$ " and names `burncurve` (or `make demo`)
is executed, and the lines up to the next command hold its output; in a ```sh block every line that starts with
`burncurve` must succeed. A page is true when refreshing it changes nothing.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

BLOCK = re.compile(r"^```(python|console|sh)\n(.*?)^```\n(?:(\n*)^```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
IMAGES = Path(__file__).parent / "images"
PICTURES = {
    "README.md": ("bill.png", "openclaw-stock-monitor"),
    "plans.md": ("openclaw-plan.png", "openclaw-on-a-plan"),
}
"""By page: the picture that it shows, and the folder of the results of a command on it whose bill that is."""
SAME_AS = {"make demo": "burncurve compare openclaw-stock-monitor --replications 1"}
ENVIRONMENT = {"COLUMNS": "120", "NO_COLOR": "1", "MPLBACKEND": "agg", "PYTHONIOENCODING": "utf-8"}


def refreshed(page: Path, folder: Path) -> str:
    """Return the text of the page with what its examples print now; they run in `folder`.

    Raises whatever an example raises, and CalledProcessError where a command fails.
    """
    text = page.read_text(encoding="utf-8")
    names: dict[str, Any] = {"__name__": page.stem}
    parts, end = [], 0
    with contextlib.chdir(folder):
        for match in BLOCK.finditer(text):
            parts += [text[end : match.start()], _block(match, names, page, text)]
            end = match.end()
    return "".join(parts) + text[end:]


def _block(match: re.Match[str], names: dict[str, Any], page: Path, text: str) -> str:
    language, body, gap, shown = match.groups()
    if language == "sh":
        for line in body.splitlines():
            if line.startswith("burncurve "):
                _printed(line.partition("  #")[0])
        return match.group()
    if language == "console":
        after = match.group()[match.group().index("\n```\n", 4) + 5 :]
        return f"```console\n{_console(body)}```\n{after}"
    line = text.count("\n", 0, match.start(2))
    printed = _python("\n" * line + body, names, page)
    return match.group() if shown is None else f"```python\n{body}```\n{gap}```text\n{printed}```\n"


def _python(code: str, names: dict[str, Any], page: Path) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, str(page), "exec"), names)
    return printed.getvalue()


def _console(body: str) -> str:
    """Return the block with fresh output under each command that is ours; others keep what they show."""
    lines = []
    for part in re.split(r"^(?=\$ )", body, flags=re.MULTILINE):
        command = part.partition("\n")[0].removeprefix("$ ").partition("  #")[0].strip()
        ours = SAME_AS.get(command, command)
        lines.append(f"{part.partition(chr(10))[0]}\n{_printed(ours)}" if ours.startswith("burncurve ") else part)
    return "".join(lines)


def _printed(command: str) -> str:
    words = [sys.executable, "-m", *shlex.split(command)]
    done = subprocess.run(words, capture_output=True, env={**os.environ, **ENVIRONMENT}, encoding="utf-8", check=False)
    if done.returncode:
        raise RuntimeError(f"$ {command}\n{done.stderr}")
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())


def main(names: list[str]) -> None:
    """Refresh the pages in place: lessons where they stand, for they draw their pictures there, others elsewhere."""
    os.environ.update(ENVIRONMENT)
    for page in (Path(name).resolve() for name in names):
        with tempfile.TemporaryDirectory() as elsewhere:
            text = refreshed(page, page.parent if page.parent.name == "lessons" else Path(elsewhere))
            if page.name in PICTURES:
                shutil.copy(drawn(Path(elsewhere), page.name), IMAGES / PICTURES[page.name][0])
        if text != page.read_text(encoding="utf-8"):
            page.write_text(text, encoding="utf-8")
            print(f"{page.name}: refreshed", file=sys.stderr)


def drawn(folder: Path, page: str) -> Path:
    """Return the picture that a page's commands have left in `folder`; raises IndexError where there is none."""
    return sorted(folder.glob(f"results/{PICTURES[page][1]}/*/bill.png"))[0]


if __name__ == "__main__":
    main(sys.argv[1:])

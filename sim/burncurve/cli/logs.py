"""`import`: logs of agents and gateways, what they used and what it cost."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from burncurve.cli import show
from burncurve.cli.options import (
    as_of_option,
    book_option,
    debug_option,
    format_option,
    quiet_option,
    strict_option,
    workers_option,
)
from burncurve.errors import InputError, MissingFact, Problem

FOLDERS = {"CLAUDE_CONFIG_DIR": "projects", "CODEX_HOME": "sessions", "OPENCLAW_STATE_DIR": "agents"}
"""Variables by which programs are told to keep their files elsewhere, and the folder of their logs there."""

SEVERAL = ("CLAUDE_CONFIG_DIR",)  # in which ccusage takes several folders with commas between


@click.command("import")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@book_option
@as_of_option
@strict_option
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder to keep. [default: results/logs/ID]"
)
@workers_option
@format_option
@quiet_option
@debug_option
def import_(
    paths: tuple[Path, ...], book: str, as_of: date | None, strict: bool, out: Path | None, workers: int, form: str,
    quiet: bool,
) -> None:  # fmt: skip
    """Read logs: what they used and cost by day, model, project and agent, and what was skipped of them.

    PATH is a file or folder of logs of Claude Code, Codex, OpenClaw, OpenRouter, LiteLLM, Langfuse,
    OpenTelemetry, or in the plain format of docs/logs.md; without it, the places where coding agents keep
    theirs. Of conversations only sizes, times and names are read. The calls are kept in a run folder,
    which explain, ledger, query, diff, replay, fit and backtest take.
    """
    from burncurve import prices
    from burncurve.cli.simulate import refuse_not_known
    from burncurve.importers import reading
    from burncurve.report import imports, tables
    from burncurve.studies import importing, log_reading

    known = prices.load(book)
    read = log_reading.read(paths or _usual(reading.usual_places(Path.home())), workers)
    if not len(read.observed):
        raise InputError(*_imported(paths), *_nothing(", ".join(map(str, paths)), read.account))
    found = importing.billed(read, known, as_of)
    document = importing.document(found)
    refuse_not_known(document, {"strict": strict})
    _keep(found, document, out, quiet)
    arranged = (imports.whole(document),) if form == "csv" else imports.grids(document)
    tables.write(form, arranged, document, sys.stdout)
    sys.stdout.flush()
    show.notes(document["notes"], quiet)
    if document["unpriced"]:
        raise MissingFact(*(_problem(each) for each in document["unpriced"]))


def _usual(places: list[Path]) -> tuple[Path, ...]:
    told = [
        Path(folder.strip()) / below
        for name, below in FOLDERS.items()
        for folder in os.environ.get(name, "").split("," if name in SEVERAL else "\0")
        if folder.strip()
    ]
    found = tuple(place for place in dict.fromkeys((*told, *places)) if place.is_dir())
    if not found:
        what = "no logs where coding agents keep theirs"
        raise InputError(Problem(str(Path.home()), what, "Name a file or folder of logs."))
    return found


def _imported(paths: tuple[Path, ...]) -> list[Problem]:
    """Return a problem for each path that is no folder of logs but that of an import."""
    from burncurve.studies.observed_file import OBSERVED
    from burncurve.studies.shipped import TAKE_IMPORTS

    what = "is the folder of an import, not of logs"
    return [Problem(str(path), what, TAKE_IMPORTS) for path in paths if (path / OBSERVED).is_file()]


def _nothing(where: str, account: Any) -> list[Problem]:
    """A folder of logs without a call costs nothing: that is rather the wrong folder."""
    what = f"no call was found: {account.told}"
    problems = [Problem(where, what, "Name a file or folder of logs.")]
    for what, counts in (("file not read", account.files_skipped), ("record not used", account.skipped)):
        problems += [
            Problem(found.first, f"{what}: {reason}" + (f" ({found.count:,} times)" if found.count > 1 else ""))
            for reason, found in counts.items()
        ]
    return problems


def _problem(unpriced: dict[str, str]) -> Problem:
    return Problem(f"{unpriced['offer']} is unpriced", unpriced["missing"], unpriced["remedy"])


def _keep(found: Any, document: dict[str, Any], out: Path | None, quiet: bool) -> None:
    from burncurve.studies import folder, importing
    from burncurve.studies.observed_document import NAME
    from burncurve.studies.runs import RESULTS

    target = out or RESULTS / NAME / found.run_id
    if folder.complete(target, found.run_id):
        show.note(f"already there, verified: {target}", quiet)
        return
    with folder.written_aside(target, found.run_id) as aside, folder.refusals(target):
        importing.write(aside, found, document)
    show.note(f"wrote {target}: {', '.join(sorted(path.name for path in target.iterdir()))}", quiet)

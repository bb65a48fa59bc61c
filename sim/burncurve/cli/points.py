"""What `sweep` and `sensitivity` share: their options, the points they play, and the folder they are kept in."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from burncurve.cli import options as shared
from burncurve.cli import show

if TYPE_CHECKING:
    from burncurve.studies.points import Base

deployment_option = click.option("--deployment", metavar="NAME", help="Only this deployment.")
LUCK = (
    click.option(
        "--seed", type=click.IntRange(0, shared.LARGEST_SEED), default=0, show_default=True, help="Which luck to draw."
    ),
    click.option(
        "--engine", type=click.Choice(shared.ENGINES), default="auto", show_default=True,
        help="Which engine plays; all give the same ledger.",
    ),
)  # fmt: skip
KEPT = (
    click.option(
        "--out", type=click.Path(path_type=Path), metavar="DIR",
        help="Folder of the outcome. [default: results/SCENARIO/ID here]",
    ),
    click.option("--no-pictures", is_flag=True, help="Draw no pictures."),
)  # fmt: skip


def point_options() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the options of a command that plays many points."""
    often = click.option(
        "--replications", type=click.IntRange(1, shared.MOST_REPLICATIONS), default=shared.REPLICATIONS,
        show_default=True,
        help="How often to play each point; the luck is the same at all of them.",
    )  # fmt: skip
    whole = (
        *LUCK, often, shared.setting_option, shared.models_option, shared.roles_option, shared.book_option,
        shared.start_option, shared.as_of_option, *KEPT, shared.format_option, shared.quiet_option, shared.debug_option,
    )  # fmt: skip

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(whole):
            command = option(command)
        return command

    return decorate


def opened(scenario: str, options: Mapping[str, Any]) -> Base:
    """Resolve the scenario once for all points."""
    from burncurve.studies import points, shipped
    from burncurve.studies.study import Choices

    same = ("seed", "replications", "engine", "settings", "models", "roles", "book", "start", "as_of")
    named = () if options["deployment"] is None else (options["deployment"],)
    choices = Choices(**{name: options[name] for name in same}, deployments=named, pictures=not options["no_pictures"])
    return points.opened(shipped.locate(scenario), choices)


def told(options: Mapping[str, Any]) -> Callable[[int, int], None] | None:
    """Return how progress is told: on a terminal only."""
    return partial(_line, monotonic()) if show.wants_progress(options["quiet"]) else None


def _line(begun_s: float, done: int, of: int) -> None:
    """Draw the line of progress over itself on standard error; the last call takes it away."""
    text = progress_text(done, of, monotonic() - begun_s) if done < of else ""
    sys.stderr.write(f"\r\x1b[2K{text}")
    sys.stderr.flush()


def progress_text(done: int, of: int, spent_s: float) -> str:
    """Return how many points are done, and the time left where one knows."""
    from burncurve.report.tables import duration

    left = f", {duration(spent_s / done * (of - done))} left" if done else ""
    return f"  point {done + 1:,} of {of:,}{left}"


def kept(
    base: Base,
    own_id: str,
    name: str,
    options: Mapping[str, Any],
    make: Callable[[], dict[str, Any]],
    write: Callable[[Path, Mapping[str, Any]], None],
) -> dict[str, Any]:
    """Return the document `name` of a folder that is there already, else make it and write it with the rest."""
    from burncurve.report.tables import as_json
    from burncurve.studies import folder, runs

    target: Path = options["out"] or runs.RESULTS / runs.slug(base.study.scenario.name) / own_id
    if folder.complete(target, own_id):
        show.note(f"already there, verified: {target}", options["quiet"])
        found: dict[str, Any] = json.loads((target / name).read_text(encoding="utf-8"))
        return found
    with folder.written_aside(target, own_id) as aside:
        document = make()
        with folder.refusals(target):
            (aside / name).write_text(as_json(document), encoding="utf-8")
            write(aside, document)
    files = ", ".join(sorted(path.name for path in target.iterdir()))
    show.note(f"wrote {target}: {files}", options["quiet"])
    return document

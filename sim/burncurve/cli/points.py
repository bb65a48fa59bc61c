"""What `sweep` and `sensitivity` share: the scenario they start from, and the folder that what they find is kept in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from burncurve.cli import mend, show
from burncurve.cli.options import replications_of
from burncurve.cli.simulate import refuse_not_known, refuse_unknown
from burncurve.cli.work import saying_what_is_left, work
from burncurve.errors import InputError, Problem

if TYPE_CHECKING:
    from burncurve.studies.area import Area
    from burncurve.studies.points import Base, Kept
    from burncurve.studies.work import Work

Make = Callable[["Work", "Area"], dict[str, Any]]
Write = Callable[[Path, Mapping[str, Any]], None]


def opened(scenario: str, options: Mapping[str, Any]) -> Base:
    """Resolve the scenario once for all points."""
    from burncurve.studies import points, shipped
    from burncurve.studies.study import Choices

    same = ("seed", "engine", "settings", "models", "roles", "book", "catalogue", "start", "as_of")
    named = () if options["deployment"] is None else (options["deployment"],)
    choices = Choices(
        **{name: options[name] for name in same},
        replications=replications_of(options),
        deployments=named,
        pictures=not options["no_pictures"],
    )
    return points.opened(shipped.locate(scenario), choices)


def kept(base: Base, kind: Kept, options: Mapping[str, Any], make: Make, write: Write) -> dict[str, Any]:
    """Return the document of a folder that is there already, else make it and write it with the rest."""
    from burncurve.studies import area, folder, runs

    refuse_unknown(base.study, options)
    target: Path = options["out"] or runs.RESULTS / runs.slug(base.study.scenario.name) / kind.id
    quiet = options["quiet"]
    mend.made_again(target, kind.id, options, lambda store, again: _made(again, kind, store, options, make, write))
    if not folder.complete(target, kind.id):
        with (
            saying_what_is_left(target, kind.id, quiet),
            folder.refusals(target),
            area.opened(target, kind.id, options["resume"]) as store,
        ):
            made = None if folder.complete(target, kind.id) else _made(target, kind, store, options, make, write)
        if made is not None:
            show.note(f"wrote {target}: {', '.join(sorted(path.name for path in target.iterdir()))}", quiet)
            return made
    show.note(f"already there, verified: {target}", quiet)
    document = _read(target, kind)
    refuse_not_known(document, options)
    return document


def _made(
    target: Path, kind: Kept, store: Area, options: Mapping[str, Any], make: Make, write: Write
) -> dict[str, Any]:
    from burncurve.studies import folder
    from burncurve.studies.stored import as_json

    mend.told(store, "points were played before", options["quiet"])
    with work(options) as asked:
        document = make(asked, store)
    refuse_not_known(document, options)
    with folder.written_aside(target, kind.id, store.path) as aside, folder.refusals(target):
        (aside / kind.file).write_text(as_json(document), encoding="utf-8")
        write(aside, document)
    return document


def _read(target: Path, kind: Kept) -> dict[str, Any]:
    """Return the document of a verified folder; raises InputError where it is not the one of these inputs."""
    from burncurve.studies import folder, stored

    path = target / kind.file
    if kind.file not in folder.sealed(target):
        raise InputError(Problem(str(target), f"its manifest seals no {kind.file}", stored.REMEDY))
    document = stored.read(path, kind.schema, kind.shape)
    for name, value in kind.same.items():
        if document.get(name) != value:
            raise InputError(Problem(str(path), f"its {name} is not that of these inputs", stored.REMEDY))
    return document

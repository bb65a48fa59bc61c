"""`fit`: logs to a scenario that does what they show."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from burncurve.cli import show
from burncurve.cli.files import write_new
from burncurve.cli.options import as_of_option, catalogue_option, debug_option, format_option, quiet_option

LIMITED = "simulations hold to the catalogue: state the offer's limit anew with --catalogue"


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", "-o", type=click.Path(path_type=Path), metavar="FILE", help="Scenario file to write; new.")
@click.option("--name", default="Fitted to logs", show_default=True, help="Name of the scenario.")
@click.option("--no-pictures", is_flag=True, help="Draw no quantile plots beside the scenario.")
@catalogue_option
@as_of_option
@format_option
@quiet_option
@debug_option
def fit(
    paths: tuple[Path, ...], out: Path | None, name: str, no_pictures: bool, catalogue: Path | None,
    as_of: date | None, form: str, quiet: bool,
) -> None:  # fmt: skip
    """Fit a scenario to logs: distributions by agent, and how well each is met.

    PATH is a file or folder of logs, or the folder of an import. With --out the scenario is written, with
    the figures of the fit in its comments, and quantile plots as a PNG of the same name.
    """
    from burncurve import catalogue as catalogues
    from burncurve.report import fits, tables
    from burncurve.studies import fitting, observing
    from burncurve.studies.fit import fit as fitted
    from burncurve.studies.fit_text import scenario_text

    known = catalogues.load(catalogue).known_on(as_of)
    found = observing.seen(observing.observed_in(paths))
    figures = fitted(found.turns, found.dated)
    source = ", ".join(path.name or str(path) for path in paths)
    deployments, notes = fitting.as_logged(found, figures, known)
    frame = fitting.frame(found, name, source, deployments)
    notes += [f"{remark}; {LIMITED}" for remark in fitting.disproved_limits(found, known, frame)]
    notes += [*fitting.remarks(found), *(f"not fitted to: {what}" for what in found.left_out)]
    document = fitting.document(figures, source, notes)
    if out:
        _write(out, scenario_text(figures, frame))
        show.note(f"wrote {out}; `burncurve compare {out}` simulates it", quiet)
        if not no_pictures:
            _draw(out.with_suffix(".png"), document, quiet)
    tables.write(form, fits.grids(document), document, sys.stdout)
    sys.stdout.flush()
    show.notes(document["notes"], quiet)


def _write(out: Path, text: str) -> None:
    """Write the scenario, checked as any other, to a new file."""
    from burncurve.scenario.reading import read_text

    read_text(text, str(out))
    write_new(out, text)


def _draw(path: Path, document: dict[str, Any], quiet: bool) -> None:
    from burncurve.report.plots import quantiles

    quantiles.write_picture(path, document)
    show.note(f"wrote {path}", quiet)

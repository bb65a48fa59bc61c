"""`--invoice` and `--invoice-of`: whether invoices are written into the folder of a run, and of which replication."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from burncurve.studies.simulation import Simulated
    from burncurve.studies.study import Study

MEDIAN = "median"
Command = TypeVar("Command", bound=Callable[..., Any])


class Which(click.ParamType[int | str]):
    """The number of a replication, or median."""

    name = "replication"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        if value == MEDIAN:
            return MEDIAN
        if not re.fullmatch(r"[0-9]{1,9}", str(value)):
            what = f"{str(value)[:40]!r} is no replication; write {MEDIAN}, or its number, 0 for the first"
            self.fail(what, param, ctx)
        return int(value)


def invoice_options(command: Command) -> Command:
    """Give a command the options about invoices."""
    flag = click.option(
        "--invoice", is_flag=True,
        help="Write an invoice per deployment into the run's folder: Markdown, CSV, and the columns of FOCUS.",
    )  # fmt: skip
    which = click.option(
        "--invoice-of", type=Which(), metavar="N|median",
        help="Invoice this replication, 0 for the first, or the one with the median bill. [default: median]",
    )  # fmt: skip
    return flag(which(command))


def wanted(options: Mapping[str, Any], replications: object) -> int | str | None:
    """Return which replication an invoice is asked of, None for none; raises click.UsageError for one not played."""
    which = options.get("invoice_of")
    if which is None:
        return MEDIAN if options.get("invoice") else None
    if isinstance(which, int) and isinstance(replications, int) and which >= replications:
        what = f"--invoice-of {which} is not played: --replications {replications} are 0 to {replications - 1}"
        raise click.UsageError(f"{what}; or take {MEDIAN}")
    return str(which) if which == MEDIAN else which


def write(folder: Path, study: Study, found: Simulated) -> None:
    """Write the invoices that the study asks for into the folder of its run, if any; raises OSError."""
    if study.choices.invoice is None:
        return
    from burncurve.report import invoices as files
    from burncurve.studies.invoices import invoices

    if made := invoices(study, found):
        files.write(folder, made)

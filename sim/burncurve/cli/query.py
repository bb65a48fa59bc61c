"""`query`: SQL over the runs in results, or over the runs named."""

from __future__ import annotations

import click

from burncurve.cli import show
from burncurve.cli.options import debug_option, format_option, quiet_option


@click.command()
@click.argument("sql", metavar="SQL")
@click.option(
    "--run", "wanted", multiple=True, metavar="RUN", help="Only this run. Repeatable. [default: all in results]"
)
@format_option
@quiet_option
@debug_option
def query(sql: str, wanted: tuple[str, ...], form: str, quiet: bool) -> None:
    """Ask finished runs with one SELECT, which can only read.

    Tables: runs (run, scenario, seed, replications, version, folder); replications, one line for each
    replication and deployment; bills, the lines of bill.csv; ledger, the calls, where they were kept.
    The last three begin with the column run.
    """
    from burncurve.report.tables import Grid, Heading
    from burncurve.studies import query as queries
    from burncurve.studies import runs

    folders = [runs.find(name) for name in wanted] if wanted else runs.all_runs()
    found = queries.asked(sql, folders)
    headings = tuple(Heading(name, name) for name in found.columns)
    show.grid(form, Grid(f"{len(found.rows):,} rows of {found.runs:,} runs", headings, found.rows))

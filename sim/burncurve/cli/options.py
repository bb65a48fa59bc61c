"""The options that commands share, spelt alike everywhere, and the values they come to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from burncurve.studies.defaults import REPLICATIONS

if TYPE_CHECKING:
    from burncurve.studies.precision import Precision

FORMATS = ("table", "json", "markdown", "csv")
ENGINES = ("auto", "reference", "compiled")
LARGEST_PORT = 65_535
LARGEST_SEED = (1 << 53) - 1  # the largest integer that every reader of JSON keeps exactly
MOST_REPLICATIONS = 100_000
AUTO = "auto"
SMALLEST_SHARE = Fraction(1, 10_000)
PICO = 10**12
MOST_USD = 10**12

Command = TypeVar("Command", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    """A calendar date as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date; write YYYY-MM-DD, as in 2026-02-23", param, ctx)


class Moment(click.ParamType[str]):
    """A local date and time; kept as text, for the scenario's own time zone gives it its meaning."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a time; write YYYY-MM-DDTHH:MM, as in 2026-02-23T09:30", param, ctx)
        if moment.tzinfo is not None:
            self.fail(f"{value!r} carries an offset; the start is local to the scenario's time_zone", param, ctx)
        return moment.isoformat()


class Assignment(click.ParamType[str]):
    """NAME=VALUE, both there."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        name, equals, rest = str(value).partition("=")
        if not (name.strip() and equals and rest.strip()):
            self.fail(f"{value!r} is not of the form NAME=VALUE", param, ctx)
        return str(value)


class Replications(click.ParamType[int | str]):
    """A number of replications, or auto."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        if value == AUTO:
            return AUTO
        number = int(value) if re.fullmatch(r"[0-9]{1,9}", str(value)) else 0
        if not 1 <= number <= MOST_REPLICATIONS:
            what = f"{str(value)[:40]!r} is not a number of replications; write 1 to {MOST_REPLICATIONS:,}, or {AUTO}"
            self.fail(what, param, ctx)
        return number


class ClusterAddress(click.ParamType[str]):
    """The address of a cluster's scheduler, as tcp://HOST:PORT or tls://HOST:PORT."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        known = re.fullmatch(r"(?:tcp|tls)://(?:\[[0-9A-Fa-f:]+\]|[\w.-]+):(\d{1,5})", value)
        if not known or int(known[1]) > LARGEST_PORT:
            what = f"{value!r} is not the address of a cluster; write tcp://HOST:PORT or tls://HOST:PORT"
            self.fail(what, param, ctx)
        return str(value)


class Share(click.ParamType[Fraction]):
    """A share as 2% or 0.02, above 0 and at most 100%."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        share = _decimal(str(value).removesuffix("%"))
        if share is None:
            self.fail(f"{value!r} is not a share; write it as 2% or 0.02", param, ctx)
        if str(value).endswith("%"):
            share /= 100
        if not SMALLEST_SHARE <= share <= 1:
            self.fail(f"{value!r} must be from 0.01% to 100%: no number of replications reaches 0", param, ctx)
        return share


class Dollars(click.ParamType[int]):
    """An amount of dollars, as pico-dollars."""

    name = "dollars"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        amount = _decimal(str(value).removeprefix("$"))
        if amount is None or not 0 <= amount <= MOST_USD:
            self.fail(f"{value!r} is not an amount of dollars; write it as 40 or 0.25", param, ctx)
        return int(amount * PICO)


def _decimal(text: str) -> Fraction | None:
    return Fraction(text) if re.fullmatch(r"\d{1,12}(\.\d{1,12})?", text) else None


def listed(_: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Split values with commas; refuse empty ones, and those given twice."""
    names = tuple(name.strip() for value in values for name in value.split(","))
    if not all(names):
        raise click.BadParameter(f"{','.join(values)!r} holds an empty name", param=param)
    _refuse_twice(names, param)
    return names


def mapped(_: click.Context, param: click.Parameter, values: tuple[str, ...]) -> Mapping[str, str]:
    """Return ROLE=OFFER assignments as a mapping; refuse a role given twice."""
    pairs = [value.split("=", 1) for value in values]
    names = [name.strip() for name, _ in pairs]
    _refuse_twice(names, param)
    return {name.strip(): value.strip() for name, value in pairs}


def _refuse_twice(names: Sequence[str], param: click.Parameter) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise click.BadParameter(f"{', '.join(twice)} is given more than once", param=param)


def replications_of(options: Mapping[str, Any]) -> int | Precision:
    """Return how often to play, as the options of luck say; raises click.UsageError where they contradict."""
    number, share, figure = options["replications"], options["precision"], options["precision_of"]
    if number != AUTO:
        if share is not None or figure is not None:
            raise click.UsageError("--precision and --precision-of need --replications auto")
        return int(number)
    if share is None:
        raise click.UsageError("--replications auto needs --precision, as in --precision 2%")
    from burncurve.studies.precision import Precision

    return Precision(share, figure or "mean")


def _all(*decorators: Callable[[Any], Any]) -> Callable[[Command], Command]:
    def decorate(command: Any) -> Any:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


setting_option = click.option(
    "--set", "settings", multiple=True, type=Assignment(), metavar="PATH=VALUE",
    help="Change a value of the scenario, as in agents.assistant.base=9k. Repeatable.",
)  # fmt: skip
start_option = click.option("--start", type=Moment(), metavar="TIME", help="Start at this local time instead.")
book_option = click.option(
    "--book", default="list", show_default=True, metavar="NAME|FILE", help="Price book to bill with."
)
catalogue_option = click.option(
    "--catalogue", type=click.Path(path_type=Path), metavar="FILE|DIR",
    help="Add the offers and plans of a file or folder of your own, or state those of others anew.",
)  # fmt: skip
as_of_option = click.option(
    "--as-of", type=Day(), metavar="DATE",
    help="Use what was known on this date: prices, plans, facts. [default: all that is known]",
)  # fmt: skip
strict_option = click.option(
    "--strict",
    is_flag=True,
    help="Take what the price book does not know, or a plan in use does not state, for an error, and write nothing.",
)
format_option = click.option(
    "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help="How to print."
)
quiet_option = click.option("--quiet", is_flag=True, help="No progress and no notes on standard error.")
debug_option = click.option(
    "--debug", is_flag=True, expose_value=False, help="Show the traceback of an unexpected error."
)

luck_options = _all(
    click.option(
        "--seed", type=click.IntRange(0, LARGEST_SEED), default=0, show_default=True, help="Which luck to draw."
    ),
    click.option(
        "--replications",
        type=Replications(),
        default=REPLICATIONS,
        show_default=True,
        metavar="N|auto",
        help="How often to play the scenario, each time with other luck; auto: as often as --precision needs.",
    ),
    click.option(
        "--precision",
        type=Share(),
        metavar="SHARE",
        help="With --replications auto: how far the 95% interval may reach from the figure, as in 2%.",
    ),
    click.option(
        "--precision-of",
        type=click.Choice(("mean", "p50", "p90", "p95", "p99")),
        help="Of which figure of the bill. [default: mean]",
    ),
    click.option(
        "--engine",
        type=click.Choice(ENGINES),
        default="auto",
        show_default=True,
        help="Which engine plays; all give the same ledger.",
    ),
)
above_option = click.option(
    "--above", multiple=True, type=Dollars(), metavar="USD",
    help="Say how many of the replications cost more than this. Repeatable.",
)  # fmt: skip
workers_option = click.option(
    "--workers", type=click.IntRange(0, 64), default=0, metavar="N",
    help="How many work at the same time; nothing printed depends on it. [default: as many as help]",
)  # fmt: skip
work_options = _all(
    workers_option,
    click.option(
        "--cluster", type=ClusterAddress(), metavar="ADDRESS",
        help="Let the Dask cluster at this address play, as in tcp://10.0.0.1:8786. Needs the extra `cluster`.",
    ),
    click.option(
        "--chunk", type=click.IntRange(0, 10_000), default=0, metavar="N",
        help="How many replications are played in one piece. [default: as suits the engine]",
    ),
)  # fmt: skip


def models_for(what: str) -> Callable[[Command], Command]:
    """Return the option of offers that each serve all roles; `what` says to the reader what is done with them."""
    return click.option(
        "--models", multiple=True, callback=listed, metavar="A,B,C",
        help=f"{what} */MODEL is every seller's.",
    )  # fmt: skip


def out_for(folder: str) -> Callable[[Command], Command]:
    """Return the option of where the outcome is kept; `folder` is it where none is named."""
    return click.option(
        "--out", type=click.Path(path_type=Path), metavar="DIR",
        help=f"Folder of the outcome. [default: {folder}/ID here]",
    )  # fmt: skip


models_option = models_for(
    "Compare these offers, each serving all roles, instead of the scenario's deployments; its first one's budgets hold "
    "for each."
)
roles_option = click.option(
    "--set-role", "roles", multiple=True, type=Assignment(), callback=mapped, metavar="ROLE=OFFER",
    help="Let this offer serve a role. Repeatable.",
)  # fmt: skip
out_option = out_for("results/SCENARIO")
resume_option = click.option("--resume", is_flag=True, help="Go on where it was interrupted.")
pictures_option = click.option("--no-pictures", is_flag=True, help="Draw no pictures.")
no_out_option = click.option("--out", type=click.Path(path_type=Path), hidden=True)  # refused, and told why
keeping_options = _all(
    click.option(
        "--ledger", "keep_ledger", is_flag=True, help="Keep the ledger even when it is large, in one file per chunk."
    ),
    resume_option,
    pictures_option,
)
point_options = _all(
    luck_options, setting_option, models_option, roles_option, book_option, catalogue_option, start_option,
    as_of_option, strict_option,
    click.option("--deployment", metavar="NAME", help="Only this deployment."),
    out_option, resume_option, pictures_option, work_options, format_option, quiet_option, debug_option,
)  # fmt: skip


def _study_options(out: Callable[[Any], Any]) -> Callable[[Command], Command]:
    return _all(
        luck_options, above_option, setting_option, models_option, roles_option, book_option, catalogue_option,
        start_option, as_of_option, strict_option, out, keeping_options, work_options,
        format_option, quiet_option, debug_option,
    )  # fmt: skip


study_options, pair_options = (_study_options(out) for out in (out_option, no_out_option))

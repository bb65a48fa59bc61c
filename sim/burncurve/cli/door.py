"""The door: the group of commands, exit codes, and one clear message for whatever ends a command."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from keyword import iskeyword
from typing import Any, NoReturn

import click

from burncurve import stops
from burncurve.errors import BurncurveError, nearest
from burncurve.texts import escaped
from burncurve.version import __version__

DONE, UNEXPECTED, INVALID, MISSING, BROKEN, PIPE_CLOSED = 0, 1, 2, 3, 99, 141

# name -> module under burncurve.cli, and the line in --help: kept here so that --help imports none of them
COMMANDS = {
    "new": ("files", "Start a scenario file that runs."),
    "validate": ("files", "Say whether a scenario file is right."),
    "run": ("simulate", "Simulate one deployment: what it costs, and when."),
    "compare": ("simulate", "Simulate all deployments on the same luck."),
    "explain": ("simulate", "Show where the money went, cause by cause."),
    "check": ("check", "Simulate and hold against the scenario's thresholds: for CI."),
    "diff": ("diff", "Show what changes between two scenarios or runs, and why."),
    "sweep": ("sweep", "Simulate at every point of a grid, on the same luck."),
    "sensitivity": ("sensitivity", "Say which knobs of a scenario move its bill."),
    "import": ("logs", "Read the logs of agents and gateways: what they used, and what it cost."),
    "replay": ("replay", "Play logged work again on other models: what it would have cost there."),
    "fit": ("fit", "Fit a scenario to logs, and say how well each figure is met."),
    "backtest": ("backtest", "Fit to the earlier part of logs, forecast the later, and hold it to what came."),
    "ledger": ("calls", "Look at the calls of a run, filtered."),
    "query": ("query", "Ask finished runs with one SELECT."),
    "prices": ("books", "Show what the price books say, from where, as of when."),
    "models": ("books", "Show what is known of the offers, from where, as of when."),
    "schema": ("files", "Print the JSON Schema of scenario files."),
}

EPILOG = """\b
Exit codes: 0 done; 1 unexpected; 2 usage or invalid input,
or stopped by Ctrl-C; 3 a price or fact is missing; 99 a
threshold is broken; 141 the reader of a pipe left; 143
stopped by SIGTERM."""


class Door(click.Group):
    """A group whose commands are imported on demand, and that turns every end into an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"burncurve.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            close = nearest(args[0], COMMANDS, most=2)
            hint = f"Did you mean {' or '.join(close)}?" if close else f"Commands: {', '.join(COMMANDS)}."
            ctx.fail(f"No such command {args[0]!r}. {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Call the command; click itself would end with 1 where the reader of a pipe left."""
        if sys.stdout is None:  # closed before we began
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _drop_output()
            return PIPE_CLOSED
        return code

    def main(
        self, args: Sequence[str] | None = None, prog_name: str | None = "burncurve", *_: Any, **extra: Any
    ) -> NoReturn:
        """Run a command and leave with its exit code; only --debug lets a traceback through."""
        words = list(sys.argv[1:] if args is None else args)
        _accept_every_letter()
        extra["standalone_mode"] = False
        call = super().main
        sys.exit(_ended(lambda: call(words, prog_name, **extra), "--debug" in words))


def _accept_every_letter() -> None:
    """Let a stream that knows few letters show a question mark, instead of refusing what was worked out."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _ended(call: Callable[[], Any], debug: bool) -> int:
    """Call and return the exit code; every refusal has said its one message."""
    try:
        code = call()
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        click.echo(escaped(said.getvalue()), err=True, nl=False)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort) as stop:
        how, code = stops.told(stop.__cause__ if isinstance(stop, click.Abort) else stop)
        return _told(f"{how}; nothing half-written was left behind", code)
    except BurncurveError as error:
        return _told(str(error), error.exit_code)
    except OSError as error:
        return _refused(error, debug)
    except MemoryError:
        remedy = "fewer replications, a shorter horizon or a smaller tree of tasks need less"
        return _told(f"the memory of this machine was not enough\n    {remedy}", INVALID)
    except Exception as error:  # the one door through which a bug of ours reaches a person
        if debug:
            raise
        return _told(
            f"unexpected {type(error).__name__}: {error}\n    --debug shows where; please report it", UNEXPECTED
        )
    return code if isinstance(code, int) else DONE


def _refused(error: OSError, debug: bool) -> int:
    """The operating system refused: a full disk, a closed output."""
    _drop_output()
    if debug and error.errno != errno.ENOSPC:
        raise error
    place = error.filename or "standard output"
    return _told(f"{place}: {error.strerror or error}", INVALID)


def _drop_output() -> None:
    """Let the interpreter's last flush of standard output fail no more."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):  # no real file behind standard output: nothing will be flushed to it
        return


def _told(message: str, code: int) -> int:
    try:
        click.echo(f"burncurve: {escaped(message)}", err=True)
    except OSError:  # nobody listens; the exit code still speaks
        return code
    return code


@click.group(cls=Door, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", prog_name="burncurve")
def main() -> None:
    """What an AI-agent workload will cost before you run it, and why."""

"""From a path to a checked Scenario: everything that can be wrong with a file is said at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from burncurve.documents import decoded, first_of, read_bytes
from burncurve.errors import InputError, Problem, shown
from burncurve.scenario import checks, mending, settings, tree
from burncurve.scenario.explaining import problems
from burncurve.scenario.fields import one_or_many
from burncurve.scenario.models import Scenario

Check = Callable[[Scenario], Iterable[Problem]]


def _declared(data: dict[str, Any]) -> checks.Declared:
    """Return the names a file declares, right or wrong."""
    agents, tools = (part if isinstance(part := data.get(key), dict) else {} for key in ("agents", "tools"))
    bodies = [body for body in agents.values() if isinstance(body, dict)]
    sides = [side for body in bodies for side in one_or_many(body.get("side_calls", [])) if isinstance(side, dict)]
    roles = {str(body.get("role", "main")) for body in bodies} | {str(side.get("role")) for side in sides}
    return checks.Declared(frozenset(agents), frozenset(tools), frozenset(roles))


def _validated(found: tree.Tree, check: Check) -> tuple[Scenario | None, list[Problem]]:
    """Return the scenario, or None, and every problem."""
    declared = _declared(found.data)
    try:
        scenario = Scenario.model_validate(found.data)
    except ValidationError as error:
        wrong = problems(error, found, Scenario)
        rest, touched = mending.mended(found.data, error)
        if rest is not None:
            rest = rest.placed(found.values)
            more = [*checks.names(rest, declared), *checks.of_whole(rest), *check(rest)]
            wrong += mending.sure(more, touched)
        return None, list(dict.fromkeys(wrong))
    scenario = scenario.placed(found.values)
    return scenario, list(dict.fromkeys((*checks.everything(scenario), *check(scenario))))


def read_text(text: str, file: str, given: Sequence[str] = (), check: Check | None = None) -> Scenario:
    """Return the scenario of a YAML text with each `PATH=VALUE` applied; `file` stands in the places of errors.

    Raises InputError with every problem, those that `check` finds among them.
    """
    found, wrong = tree.parse(text, file)
    if not isinstance(found.data, dict):
        what = f"holds {shown(found.data)}, which is no mapping of fields"
        raise InputError(*wrong, Problem(found.values[()], what, tree.FORM.begin))
    wrong += settings.apply(found, given, Scenario)
    scenario, more = _validated(found, check or (lambda _: ()))
    wrong += more
    if wrong or scenario is None:
        raise InputError(*first_of(wrong))
    return scenario


def text_of(path: Path) -> str:
    """Return the text of a scenario file; raises InputError where it cannot be one."""
    return decoded(read_bytes(path, tree.FORM), str(path))


def read_scenario(path: Path, given: Sequence[str] = (), check: Check | None = None) -> Scenario:
    """Return the scenario of a file; see `burncurve.scenario.read`."""
    return read_text(text_of(path), str(path), given, check)

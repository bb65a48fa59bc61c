"""What pydantic found, said with the place in the file, the value, the rule and a remedy."""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from burncurve.errors import Problem, did_you_mean, shown
from burncurve.scenario.describing import descriptions
from burncurve.scenario.fields import COUNTRY
from burncurve.scenario.tree import Path, Tree

MOST_EXPLAINED = 500  # a hostile file must not take long

_RULES = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "model_type": "must be a mapping of fields",
    "model_attributes_type": "must be a mapping of fields",
    "dict_type": "must be a mapping",
    "mapping_type": "must be a mapping",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
}
_REMEDIES = {
    "bool_parsing": "write true or false",
    "string_type": "put it in quotes if it is meant as text",
    "greater_than": "write a number above {gt}",
    "greater_than_equal": "write {ge} or more",
    "less_than_equal": "write {le} or less",
}


def dotted(path: Path) -> str:
    """Return a path as it is written with --set."""
    return ".".join(map(str, path))


def _peeled(kind: Any) -> Any:
    """Return a type without Annotated and None."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif get_origin(kind) in (Union, UnionType):
            kind = next(arm for arm in get_args(kind) if arm is not type(None))
        else:
            return kind


def model_at(kind: Any, path: Path) -> type[BaseModel] | None:
    """Return the model that describes the data at a path below `kind`, None where there is none.

    What stands alone where a list may stand is described like an entry of that list.
    """
    kind = _peeled(kind)
    if get_origin(kind) is tuple:
        return model_at(get_args(kind)[0], path[1:] if path and isinstance(path[0], int) else path)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if not path:
            return kind
        field = kind.model_fields.get(str(path[0]))
        return model_at(field.annotation, path[1:]) if field else None
    arguments = get_args(kind)
    return model_at(arguments[-1], path[1:]) if path and arguments else None


def _placed(tree: Tree, loc: Path) -> Path:
    """Return the path in the file that an error's location means; what pydantic adds of its own is left out."""
    path: Path = ()
    for part in loc:
        if (*path, part) in tree.values:
            path = (*path, part)
    return path


def _literals(context: Mapping[str, Any]) -> list[str]:
    return [word.strip(" '") for word in str(context.get("expected", "")).replace(" or ", ",").split(",")]


def _rule_and_remedy(error: Any) -> tuple[str, str]:
    """Return what rule a value broke, and what to do where the rule itself says so."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        rule, _, remedy = str(context["error"]).partition("; ")
        return rule, remedy
    if kind == "literal_error":
        return f"must be {context['expected']}", did_you_mean(str(error["input"]), _literals(context))
    if kind == "string_pattern_mismatch":
        if "/" in context["pattern"]:
            return "must be an offer written provider/model", "write for example anthropic/claude-opus-4.6"
        if context["pattern"] == COUNTRY:
            return "must be a country in two capital letters (ISO 3166)", "write for example US"
        return "must be a name of 1 to 64 letters, digits and _ . -", "rename it"
    rule = _RULES.get(kind, error["msg"].replace("Input should be", "must be"))
    return rule.format_map(dict(context)), _REMEDIES.get(kind, "").format_map(dict(context))


def _missing(tree: Tree, path: Path, field: str) -> Problem:
    name = dotted(path) or "the scenario"
    return Problem(
        tree.keys.get(path, tree.values.get(path, "")), f"{name}: needs the field {field}", f"add a line {field}: ..."
    )


def _unknown(tree: Tree, root: type[BaseModel], path: Path) -> Problem:
    model = model_at(root, path[:-1])
    known = model.model_fields if model else ()
    where = tree.keys.get(path, tree.values.get(path, ""))
    what = f"{dotted(path)}: unknown field {path[-1]!r}"
    outer = model_at(root, path[:-2]) if len(path) > 1 else None
    if outer and path[-1] in outer.model_fields:
        return Problem(where, what, f"it belongs one level further out: write it beside `{path[-2]}`")
    return Problem(where, what, did_you_mean(str(path[-1]), known))


def _form(root: type[BaseModel], path: Path) -> str:
    """Return how a mapping of fields at a path is written, its required ones before the rest."""
    model = model_at(root, path)
    if model is None:
        return ""
    fields = sorted(model.model_fields.items(), key=lambda item: not item[1].is_required())
    needed = [name for name, field in fields if field.is_required()]
    return f"write it as {{{', '.join(f'{name}: ...' for name in needed or [fields[0][0]])}}}"


def _description(root: type[BaseModel], path: Path) -> str:
    while path and isinstance(path[-1], int):
        path = path[:-1]
    model = model_at(root, path[:-1]) if path else None
    text = descriptions(model).get(str(path[-1])) if model else None
    return f"it means: {text}" if text else ""


def _broken(tree: Tree, root: type[BaseModel], path: Path, error: Any) -> Problem:
    rule, remedy = _rule_and_remedy(error)
    if error["type"] in ("model_type", "model_attributes_type"):
        remedy = _form(root, path)
    value = "" if isinstance(error["input"], Mapping | BaseModel) else f"{shown(error['input'])} "
    places = tree.keys if error["loc"] and error["loc"][-1] == "[key]" else tree.values
    name = dotted(path) or "the scenario"
    return Problem(
        places.get(path, tree.values.get(path, "")), f"{name}: {value}{rule}", remedy or _description(root, path)
    )


def _follows(error: Any) -> bool:
    """Return whether a list is only called too short because its wrong entries were not counted."""
    return error["type"] == "too_short" and bool(len(error["input"]) >= error["ctx"]["min_length"])


def problems(error: ValidationError, tree: Tree, root: type[BaseModel]) -> list[Problem]:
    """Return one Problem for each thing pydantic found, in the order of the file's parts."""
    found: dict[tuple[Path, str], Problem] = {}
    for item in error.errors(include_url=False)[:MOST_EXPLAINED]:
        path = _placed(tree, item["loc"])
        if _follows(item):
            continue
        if item["type"] == "missing":
            found.setdefault((path, str(item["loc"][-1])), _missing(tree, path, str(item["loc"][-1])))
        elif item["type"] == "extra_forbidden":
            found.setdefault((path, ""), _unknown(tree, root, path))
        else:
            found.setdefault((path, ""), _broken(tree, root, path, item))
    return list(found.values())

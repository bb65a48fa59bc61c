"""The JSON Schema of scenario files, which editors use to complete and check them.

Parts come from the models. Quantities are stated here as people write them, because the models hold
them as they are computed with: `{0.5: 2}` and `[low, mode, high]` are read into fields of other names.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from burncurve.scenario.describing import descriptions
from burncurve.scenario.models import Scenario

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_NUMBER = r"^ *[0-9.]+([eE][-+]?[0-9]+)? ?"
UNITS = {
    "Tokens": ("Tokens, with k (1,000) or M (1,000,000) if wanted: 17.6k", "[kM]?"),
    "Count": ("A number of things", "[kM]?"),
    "Duration": ("A duration with a unit of us, ms, s, m, h, d or w: 320ms", "(us|ms|s|m|h|d|w)?"),
    "Probability": ("A share from 0 to 1 or in percent: 10%", "%?"),
    "Factor": ("A factor, plain or in percent: 1.2", "%?"),
}

Spec = dict[str, Any]


def _fields(fields: Spec, required: list[str], about: str) -> Spec:
    return {
        "type": "object",
        "description": about,
        "properties": fields,
        "required": required,
        "additionalProperties": False,
    }


def _kinds(number: Spec) -> Spec:
    """Return the kinds of distribution over one kind of number."""
    plain = {"$ref": "#/$defs/PlainNumber"}
    pair = {"type": "array", "items": number, "minItems": 2, "maxItems": 2}
    level = {"type": "object", "additionalProperties": number, "minProperties": 2}
    return {
        "constant": {**number, "description": "Always this value."},
        "uniform": _fields({"low": number, "high": number}, ["low", "high"], "Every value between is equally likely."),
        "lognormal": _fields({"median": number, "sigma": plain}, ["median", "sigma"], "Sigma in natural logarithms."),
        "gamma": _fields({"mean": number, "shape": plain}, ["mean"], "Shape 1 is exponential."),
        "geometric": _fields({"mean": number}, ["mean"], "1, 2, 3, ... tries until the first success."),
        "poisson": _fields({"mean": number}, ["mean"], "0, 1, 2, ... rare events."),
        "quantiles": {**level, "description": "{level: value}; between them log-linear, beyond them held."},
        "clip": {**pair, "description": "[low, high]: values beyond are held at the bound."},
    }


def _quantity(name: str, about: str) -> Spec:
    """Return what may stand where a quantity stands: a number, or a mapping that describes a distribution."""
    number = {"$ref": f"#/$defs/{name}Number"}
    kinds = _kinds(number)
    weight = {"$ref": "#/$defs/PlainNumber"}
    part = _fields({**kinds, "weight": weight}, ["weight"], "One part, by weight.")
    more: Spec = {
        "mixture": {"type": "array", "items": part, "minItems": 1},
        "range": {
            "type": "array",
            "items": number,
            "minItems": 3,
            "maxItems": 3,
            "description": "[low, mode, high]: not known better; triangular, drawn once per run.",
        },
        "per": {"enum": ["turn", "request", "session", "run"], "description": "How often it is drawn anew."},
    }
    if name != "Factor":
        factors = {"type": "array", "items": {"$ref": "#/$defs/Factor"}}
        more["times"] = {**factors, "description": "Factors, each drawn at its own level."}
    return {"description": f"{about}; or a distribution.", "anyOf": [number, _fields({**kinds, **more}, [], about)]}


def _number(unit: str) -> Spec:
    return {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": f"{_NUMBER}{unit} *$"}]}


def _quantities() -> Spec:
    numbers = {f"{name}Number": _number(unit) for name, (_, unit) in UNITS.items()}
    whole = {name: _quantity(name, about) for name, (about, _) in UNITS.items()}
    return {**whole, **numbers, "PlainNumber": _number("%?")}


class _Described(GenerateJsonSchema):
    """Adds the texts under fields and reads defaults; leaves out titles that only repeat the names of fields."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made, texts = super().model_schema(schema), descriptions(schema["cls"])
        for name, spec in made.get("properties", {}).items():
            field = schema["cls"].model_fields[name]
            spec |= {"description": texts[name]} if name in texts else {}
            spec |= {"default": _read(field.annotation, field.default)} if field.validate_default else {}
        return made


def _read(kind: Any, written: Any) -> Any:
    """Return a default as plain data of what it is read as."""
    reader = TypeAdapter(kind)
    return reader.dump_python(reader.validate_python(written), mode="json")


def _references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"].rpartition("/")[2]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*map(_references, part.values()))
    return set().union(*map(_references, part)) if isinstance(part, list) else set()


def _needed(names: set[str], definitions: Spec) -> set[str]:
    """Return the definitions that are referred to, directly or through others."""
    known: set[str] = set()
    while names - known:
        known |= names
        names = set().union(*(_references(definitions[name]) for name in known))
    return known


def schema() -> Spec:
    """Return the JSON Schema of a scenario file as plain data."""
    generated = Scenario.model_json_schema(mode="validation", schema_generator=_Described)
    definitions = generated.pop("$defs") | _quantities()
    needed = _needed(_references(generated), definitions)
    return {"$schema": DIALECT, **generated, "$defs": {name: definitions[name] for name in sorted(needed)}}


def schema_text() -> str:
    """Return the JSON Schema as the text that is committed at docs/scenario.schema.json."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"

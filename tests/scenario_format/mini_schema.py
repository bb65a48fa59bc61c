"""As much of JSON Schema as the exported schema uses, so that the tests need no further package."""

from __future__ import annotations

import re
from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}
SAID = {"$schema", "$defs", "description", "default", "examples", "title"}
KNOWN = SAID | {
    "$ref", "anyOf", "oneOf", "enum", "const", "type", "properties", "required", "additionalProperties",
    "patternProperties", "propertyNames",
    "minProperties", "maxProperties", "items", "minItems", "maxItems", "pattern", "minLength", "maxLength", "minimum",
    "maximum", "exclusiveMinimum",
}  # fmt: skip


def accepts(schema: dict[str, Any], spec: Any, value: Any) -> bool:
    """Return whether a schema accepts a value by its part `spec`; an unknown word fails the test."""
    if isinstance(spec, bool):
        return spec
    assert spec.keys() <= KNOWN, spec.keys() - KNOWN
    if "$ref" in spec:
        return accepts(schema, schema["$defs"][spec["$ref"].removeprefix("#/$defs/")], value)
    arms = spec.get("anyOf") or spec.get("oneOf")
    if arms and not any(accepts(schema, arm, value) for arm in arms):
        return False
    if value not in spec.get("enum", [value]) or value != spec.get("const", value):
        return False
    kinds = spec.get("type", [])
    if kinds and not any(_is(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        return False
    return _object(schema, spec, value) and _array(schema, spec, value) and _plain(spec, value)


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and (kind in ("boolean", "null") or not isinstance(value, bool))


def _object(schema: dict[str, Any], spec: Any, value: Any) -> bool:
    if not isinstance(value, dict):
        return True
    fields = spec.get("properties", {})
    names = spec.get("propertyNames", True)
    return (
        set(spec.get("required", ())) <= value.keys()
        and spec.get("minProperties", 0) <= len(value) <= spec.get("maxProperties", 10**9)
        and all(accepts(schema, names, key) for key in value)
        and all(accepts(schema, _field(spec, fields, key), part) for key, part in value.items())
    )


def _field(spec: Any, fields: Any, key: str) -> Any:
    matching = [part for pattern, part in spec.get("patternProperties", {}).items() if re.search(pattern, key)]
    return fields.get(key, matching[0] if matching else spec.get("additionalProperties", True))


def _array(schema: dict[str, Any], spec: Any, value: Any) -> bool:
    if not isinstance(value, list):
        return True
    size = spec.get("minItems", 0) <= len(value) <= spec.get("maxItems", 10**9)
    return size and all(accepts(schema, spec.get("items", True), part) for part in value)


def _plain(spec: Any, value: Any) -> bool:
    if isinstance(value, str):
        size = spec.get("minLength", 0) <= len(value) <= spec.get("maxLength", 10**9)
        return size and re.search(spec.get("pattern", ""), value) is not None
    if isinstance(value, int | float):
        over = value > spec["exclusiveMinimum"] if "exclusiveMinimum" in spec else True
        return bool(over and spec.get("minimum", value) <= value <= spec.get("maximum", value))
    return True

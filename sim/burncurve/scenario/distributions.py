"""Quantities of a scenario: a number, a text with a unit, or a distribution."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from burncurve.scenario import units


class Quantity(BaseModel):
    """A number or a distribution, as written."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    written: Any


def _reader(unit: Any) -> Any:
    def read(value: object) -> object:
        if isinstance(value, dict):
            return value if set(value) == {"written"} else {"written": value}
        return {"written": unit(value)}

    return BeforeValidator(read)


Tokens = Annotated[Quantity, _reader(units.quantity)]
Count = Annotated[Quantity, _reader(units.quantity)]
Duration = Annotated[Quantity, _reader(units.duration_us)]
Probability = Annotated[Quantity, _reader(units.fraction)]
Factor = Annotated[Quantity, _reader(units.factor)]

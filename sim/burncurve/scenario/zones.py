"""Time zones from the tzdata package alone: the database of a machine must not decide what a scenario means."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

from burncurve.errors import InputError, Problem, did_you_mean


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Return the names of the IANA list."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text(encoding="ascii").split())


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """Return the zone of a name of the IANA list; raises InputError, without a place, for any other."""
    if name not in zone_names():  # before any file is opened: a name from outside is part of a path
        near = did_you_mean(name, zone_names())
        remedy = near if near.startswith("did") else "write it like Europe/Berlin or America/New_York"
        raise InputError(Problem("", f"{name!r} is no time zone of the IANA list", remedy))
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)

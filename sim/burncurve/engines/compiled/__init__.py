"""The compiled engine: the reference's mechanics as one Numba kernel over flat records."""

from __future__ import annotations

"""The public interface for behaviours of one's own: generator functions of a Task (docs/behaviours.md).

A behaviour asks with `yield from` for what takes time (`next_turn`, `call`, `side_calls`, `use_tools`, `pause`, `join`,
`take_in`) and calls the rest (`spawn`, `receive`, `draw`, `drawn_turns`) directly. These primitives assign every
key of order and luck, so a ledger stays the same whatever else is played beside it. Names that are not
listed here are the engine's own and may change.
"""

from burncurve.engines.reference.behaviour import standard
from burncurve.engines.reference.context import Origin
from burncurve.engines.reference.task import Steps, Task
from burncurve.ledger import Kind

__all__ = ["Kind", "Origin", "Steps", "Task", "standard"]

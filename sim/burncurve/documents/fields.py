"""A walk over the nodes of a file whose fields are known: each taken as written, every problem collected."""

from __future__ import annotations

from collections.abc import Collection

from burncurve.documents.files import decoded
from burncurve.documents.form import Form
from burncurve.documents.nodes import Items, Mark, Node, Pair, Pairs, Scalar, compose
from burncurve.documents.problems import first_of
from burncurve.errors import InputError, Problem, did_you_mean, shown


class Reader:
    """Walks the nodes of one file and collects every problem instead of stopping at the first."""

    def __init__(self, content: bytes, name: str, form: Form) -> None:
        self.root, self.problems = compose(decoded(content, name), name, form)

    def fail(self, mark: Mark, what: str, remedy: str = "") -> None:
        self.problems.append(Problem(str(mark), what, remedy))

    def text(self, node: Node, field: str) -> str:
        """Return a scalar as written; "" with a problem for anything else."""
        if isinstance(node, Scalar) and node.text.strip():
            return node.text.strip()
        self.fail(node.mark, f"{field}: expected a value", f"write `{field}: ...`")
        return ""

    def items(self, node: Node, field: str) -> list[Node]:
        """Return the members of a list; nothing, with a problem, for anything else."""
        if isinstance(node, Items):
            return node.entries
        self.fail(node.mark, f"{field}: expected a list", f"write `{field}: [...]`")
        return []

    def fields(self, node: Node, title: str, known: Collection[str], needed: Collection[str]) -> dict[str, Node]:
        """Return the known fields of a mapping; unknown, doubled and missing ones become problems."""
        found: dict[str, Node] = {}
        for pair in self.pairs(node, title):
            if pair.key in known:
                found[pair.key] = pair.value
            else:
                self.fail(pair.mark, f"{title}: unknown field {shown(pair.key)}", did_you_mean(pair.key, known))
        for field in needed:
            if field not in found:
                self.fail(node.mark, f"{title}: `{field}` is missing", f"add `{field}: ...`")
        return found

    def pairs(self, node: Node, title: str) -> list[Pair]:
        """Return the pairs of a mapping; nothing, with a problem, for anything else."""
        if isinstance(node, Pairs):
            return node.entries
        self.fail(node.mark, f"{title}: expected fields", "write `name: value`, one per line")
        return []

    def finish(self) -> None:
        """Raise InputError with everything found, if anything was."""
        if self.problems:
            raise InputError(*first_of(self.problems))

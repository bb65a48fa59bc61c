"""Files that people write: YAML read within bounds, every value and every problem with its place.

What a kind of file allows stands in its `Form`. `compose` cuts a text into nodes with places; scenarios turn
them into plain data (`burncurve.scenario.tree`), price books and the catalogue walk them with a `Reader`.
"""

from burncurve.documents.fields import Reader
from burncurve.documents.files import decoded, read_bytes
from burncurve.documents.form import Form
from burncurve.documents.nodes import Items, Mark, Node, Pair, Pairs, Scalar, compose
from burncurve.documents.problems import MOST_PROBLEMS, first_of
from burncurve.documents.remembered import remembered

__all__ = [
    "MOST_PROBLEMS",
    "Form",
    "Items",
    "Mark",
    "Node",
    "Pair",
    "Pairs",
    "Reader",
    "Scalar",
    "compose",
    "decoded",
    "first_of",
    "read_bytes",
    "remembered",
]

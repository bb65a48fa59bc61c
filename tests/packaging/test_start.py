"""Starting is quick because the help text needs none of the heavy libraries."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "numpy", "pandas", "matplotlib", "simpy", "pydantic", "pyarrow", "scipy", "yaml", "rich", "numba", "llvmlite",
    "duckdb", "distributed", "SALib",
)  # fmt: skip


def imported_by(*words: str) -> set[str]:
    """Return the top-level modules that the command has imported when it ends."""
    code = (
        "import sys\nfrom burncurve.cli import main\n"
        f"try:\n    main({list(words)!r})\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "print('modules:', *{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.rpartition("modules:")[2].split())


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("compare", "--help"), ("run", "--help")])
def test_help_imports_nothing_heavy(words: tuple[str, ...]) -> None:
    assert not imported_by(*words) & set(HEAVY)


def test_validating_imports_nothing_that_only_runs_need() -> None:
    assert not imported_by("validate", "blackboard") & {"pandas", "matplotlib", "simpy", "pyarrow", "scipy", "numba"}

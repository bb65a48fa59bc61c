"""Finding a finished run again: by its folder, by SCENARIO/ID, or by its id alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from burncurve.errors import InputError, Problem
from burncurve.studies import stored
from burncurve.studies.folder import LEDGERS, MANIFEST, manifest_of, sealed, verify

if TYPE_CHECKING:
    from burncurve.studies.study import Study

LONGEST_SLUG = 60
RESULTS = Path("results")
SUMMARY = "summary.json"
LEDGER = "ledger.parquet"
INVOICES = "invoices"
OTHERS = {"sweep.json": "sweep", "sensitivity.json": "sensitivity analysis"}
"""What commands seal that keep no run, and what theirs is called."""
REPLICATIONS = "replications.csv"


def default_folder(study: Study) -> Path:
    """Return where a study is kept unless the user says otherwise: results/SCENARIO/ID below this folder."""
    return RESULTS / slug(study.scenario.name) / study.run_id


def slug(name: str) -> str:
    """Return a name as the name of a folder: small letters, digits and hyphens."""
    plain = normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].rstrip("-") or "scenario"


def is_run(argument: str) -> bool:
    """Say whether the argument names the folder of a run, or any folder, rather than a scenario."""
    return bool(_candidates(argument)) or _is_folder(argument)


def _is_folder(argument: str) -> bool:
    try:
        return Path(argument).is_dir()
    except OSError:  # a name too long
        return False


def find(argument: str) -> Path:
    """Return the verified folder of a run; raises InputError where there is none, or more than one."""
    found = _candidates(argument)
    if not found:
        folders = (path.parent for path in RESULTS.glob("*/*/manifest.json"))
        known = sorted(folder.relative_to(RESULTS).as_posix() for folder in folders if not _others(folder))
        remedy = f"Runs in {RESULTS}: {', '.join(known[:8])}" if known else "`burncurve run SCENARIO` makes one."
        why = f": it holds no {MANIFEST} that can be read" if _is_folder(argument) else ""
        raise InputError(Problem(argument, f"is not the folder of a burncurve run{why}", remedy))
    if len(found) > 1:
        raise InputError(Problem(argument, "names several runs", ", ".join(map(str, found[:8]))))
    manifest = manifest_of(found[0])
    if manifest is not None:
        verify(found[0], manifest)
    return found[0]


def all_runs() -> list[Path]:
    """Return the verified folders of all runs in results; raises InputError for what is damaged."""
    folders = sorted(path.parent for path in RESULTS.glob("*/*/manifest.json"))
    return [find(str(folder)) for folder in folders if manifest_of(folder) and not _others(folder)]


def document_of(run: Path) -> dict[str, Any]:
    """Return the canonical document of a verified run; raises InputError where it has none, or not as runs write it."""
    if SUMMARY not in sealed(run):
        raise InputError(_no_run(run))
    return stored.read(run / SUMMARY, stored.STUDY_SCHEMA, stored.STUDY)


def _no_run(folder: Path) -> Problem:
    """Say what a folder is that holds no run: what commands over many points keep is whole, and another thing."""
    for name in _others(folder):
        what = (
            f"is the folder of a {OTHERS[name]}, not of a run: {name} holds figures of its points, and not their inputs"
        )
        table = Path(name).with_suffix(".csv")
        remedy = f"Read {table} there, or make runs of two points: burncurve compare SCENARIO --set PATH=VALUE."
        return Problem(str(folder), what, remedy)
    return Problem(str(folder), f"its manifest seals no {SUMMARY}", stored.REMEDY)


def _others(folder: Path) -> list[str]:
    return sorted(OTHERS.keys() & sealed(folder))


def ledger_of(run: Path) -> list[Path]:
    """Return the sealed files of a run's ledger, in order; none where it kept none."""
    names = sealed(run)
    parts = sorted(name for name in names if name.startswith(f"{LEDGERS}/"))
    return [run / name for name in ([LEDGER] if LEDGER in names else parts)]


def _candidates(argument: str) -> list[Path]:
    try:
        for path in (Path(argument), RESULTS / argument):
            if path.is_dir() and manifest_of(path) is not None:
                return [path]
    except (OSError, ValueError):  # a name too long, or with a zero byte, names nothing
        return []
    if not argument.isalnum():
        return []
    return sorted(path for path in RESULTS.glob(f"*/{argument}*") if manifest_of(path) is not None)

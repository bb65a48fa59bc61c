"""Files of a finished folder that were damaged, found by their checksums and done again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from shutil import copyfileobj

from burncurve.aside import written_aside
from burncurve.studies import folder, runs
from burncurve.studies.study import Study
from burncurve.studies.tasks import ALWAYS, Task, play_task
from burncurve.studies.under_way import job_of

_PART = re.compile(rf"{folder.LEDGERS}/(\d{{3}})-.*-(\d{{6,}})\.parquet")

Place = tuple[int, int]  # number of the deployment, first replication


def needs_all(target: Path, run_id: str) -> bool:
    """Say whether a finished folder is damaged where its whole run has to be played again, not a ledger's part."""
    manifest = folder.manifest_of(target)
    if manifest is None or manifest["id"] != run_id:
        return False
    return any(not _PART.fullmatch(name) for name, _ in folder.damaged(target, manifest))


def put_back(again: Path, target: Path) -> tuple[str, ...]:
    """Replace each damaged file of a folder by that of the same run made again, if that is as the manifest has it.

    Returns their names. Raises OSError where the folder cannot be written.
    """
    manifest, other = folder.manifest_of(target), folder.manifest_of(again)
    assert manifest is not None
    assert other is not None
    files: dict[str, str] = other["files"]
    wanted = [name for name, _ in folder.damaged(target, manifest) if files.get(name) == manifest["files"][name]]
    for name in wanted:
        (target / name).parent.mkdir(exist_ok=True)
        with written_aside(target / name, overwrite=True) as file, open(again / name, "rb") as made:
            copyfileobj(made, file)
    return tuple(wanted)


def mended(study: Study, target: Path) -> tuple[str, ...]:
    """Play again the parts of the ledger in a study's folder that are not as its run wrote them; return their names.

    What comes to another checksum than the run's, as under another version of a library, is not written. Raises
    InputError where the folder cannot be written.
    """
    manifest = folder.manifest_of(target)
    if manifest is None or manifest["id"] != study.run_id:
        return ()
    files: dict[str, str] = manifest["files"]
    parts = {name: (int(found[1]), int(found[2])) for name in files if (found := _PART.fullmatch(name))}
    wanted = [name for name, _ in folder.damaged(target, manifest)]
    if not wanted or not parts.keys() >= {*wanted}:  # what else is damaged holds for the whole run
        return ()
    replications: int = runs.document_of(target)["replications"]
    tasks = {name: _task(parts[name], parts.values(), replications) for name in wanted}
    return tuple(name for name, task in tasks.items() if _done_again(study, target / name, task, files[name]))


def _task(place: Place, places: Iterable[Place], replications: int) -> Task:
    """Return the task of a part: it ends where the deployment's next one begins, the last one with the run."""
    number, first = place
    end = min((each for other, each in places if other == number and each > first), default=replications)
    return Task(number, first, end - first)


def _done_again(study: Study, path: Path, task: Task, checksum: str) -> bool:
    data = play_task(job_of(study, study.choices.least, ALWAYS), task).ledger or b""
    if sha256(data).hexdigest() != checksum:
        return False
    with folder.refusals(path), written_aside(path, overwrite=True) as file:
        file.write(data)
    return True

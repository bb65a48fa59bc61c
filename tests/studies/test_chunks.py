"""However the replications are divided, ordered, shared out or interrupted: the same bytes."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from breaking import kill_once
from burncurve.errors import InputError, InternalError
from burncurve.studies import area, course, files, simulation, workers
from burncurve.studies.area import Area, Memory
from burncurve.studies.document import document
from burncurve.studies.drawing import drawing
from burncurve.studies.encoding import decoded, encoded
from burncurve.studies.pool import TRIES, Hands, Todo, each_done
from burncurve.studies.simulation import Simulated, simulated
from burncurve.studies.study import Choices, Study, open_study, results
from burncurve.studies.tasks import FEW, Piece, Task, play_task
from burncurve.studies.under_way import job_of
from burncurve.studies.work import Work

ROOT = Path(__file__).parents[2]
BOT = ROOT / "scenarios" / "code-review-bot.yaml"
BLACKBOARD = ROOT / "scenarios" / "blackboard.yaml"
REPLICATIONS = 14


def opened(replications: int = REPLICATIONS, **choices: Any) -> Study:
    return open_study(BOT, Choices(replications=replications, pictures=False, settings=("horizon=1h",), **choices))


@pytest.fixture(scope="module")
def study() -> Study:
    return opened()


def written(found: Simulated, study: Study, folder: Path) -> dict[str, bytes]:
    folder.mkdir(parents=True)
    files.write(folder, study, found, document(study, found.results))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def expected(study: Study, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return written(simulated(study, Work(1, 1)), study, tmp_path_factory.mktemp("one") / "run")


@pytest.mark.parametrize("chunk", [2, 7, 100])
def test_chunks_do_not_show(study: Study, expected: dict[str, bytes], tmp_path: Path, chunk: int) -> None:
    assert written(simulated(study, Work(1, chunk)), study, tmp_path / "run") == expected


def test_neither_do_workers(study: Study, expected: dict[str, bytes], tmp_path: Path) -> None:
    for number, hands in enumerate((workers.threads(2), workers.processes(2))):
        assert written(simulated(study, Work(chunk=3, hands=hands)), study, tmp_path / str(number)) == expected


@pytest.mark.parametrize("kept", [True, False])
def test_threads_help_once_the_kernel_is_there(
    expected: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: bool
) -> None:
    played: list[str] = []

    def play_there(*given: Any, **named: Any) -> Any:
        played.append(threading.current_thread().name)
        return play_task(*given, **named)

    monkeypatch.setattr(workers, "sensible", lambda: 2)
    monkeypatch.setattr(course, "play_task", play_there)
    monkeypatch.setattr("burncurve.engines.compiled.is_kept", lambda: kept)
    study = opened(engine="compiled")
    assert written(simulated(study, Work(chunk=3)), study, tmp_path / "run") == expected
    assert (played[0] != "MainThread") == kept
    assert "MainThread" not in played[1:]


def test_sums_of_chunks_are_those_of_the_whole_ledger(study: Study) -> None:
    assert document(study, simulated(study, Work(1, 3)).results) == document(study, results(study))


def test_curves_of_chunks_are_those_of_the_whole_ledger(study: Study) -> None:
    one, other = (drawing(study, found) for found in (simulated(study, Work(1, 3)).results, results(study)))
    for mine, whole in zip(one.deployments, other.deployments, strict=True):
        assert mine.tokens.grid == whole.tokens.grid
        assert (mine.tokens.tokens == whole.tokens.tokens).all()
        assert mine.bill is not None
        assert whole.bill is not None
        assert (mine.bill.pico == whole.bill.pico).all()
        assert mine.bill.mean().tolist() == whole.bill.mean().tolist()


class Shuffled(Executor):
    """Finishes what it was given in an order of its own."""

    def __init__(self) -> None:
        self._luck = random.Random(7)
        self._given: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._given.append((future, lambda: fn(*args, **kwargs)))
        if len(self._given) == 4:
            self._luck.shuffle(self._given)
            for waiting, call in self._given:
                waiting.set_result(call())
            self._given.clear()
        return future


def test_nor_does_their_order(study: Study, expected: dict[str, bytes], tmp_path: Path) -> None:
    found = simulated(study, Work(chunk=4, hands=Hands(Shuffled, 4, "shuffled")))  # 4 chunks of 3 deployments
    assert written(found, study, tmp_path / "run") == expected


def test_totals_come_back_from_their_bytes(study: Study) -> None:
    data = simulated(study.with_deployments(study.deployments[:1])).store.get(Task(0, 0, 4))
    assert data is not None
    assert encoded(decoded(data)) == data


def test_an_interrupted_run_goes_on_and_repeats_nothing(
    study: Study, expected: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, played = tmp_path / "results" / "run", []

    def counted(job: Any, task: Task, say: Any) -> Any:
        played.append(task)
        if len(played) == 5:
            raise KeyboardInterrupt
        return play_task(job, task)

    monkeypatch.setattr(course, "play_task", counted)
    with pytest.raises(KeyboardInterrupt), area.opened(target, study.run_id, resume=False) as store:
        simulated(study, Work(1, 2), store)
    done = played[:4]
    assert Area(area.area_of(target), study.run_id).pieces() == 4
    played.clear()
    with area.opened(target, study.run_id, resume=True) as store:
        played += [None] * 10  # no further interruption
        found = simulated(study, Work(1, 2), store)
        assert not set(played) & set(done)
        assert len(played) == 10 + 3 * REPLICATIONS // 2 - 4
        assert written(found, study, target) == expected
    assert not area.area_of(target).exists()


def test_without_resume_it_starts_anew_and_other_inputs_are_refused(study: Study, tmp_path: Path) -> None:
    target = tmp_path / "run"

    def stopped(run_id: str, resume: bool) -> int:
        before = 0
        with suppress(KeyboardInterrupt), area.opened(target, run_id, resume) as store:
            before = store.pieces()
            store.put(Task(0, before, 1), play_task(job_of(study, 1, FEW), Task(0, before, 1)))
            raise KeyboardInterrupt
        return before

    one, other = "a" * 16, "b" * 16
    assert [stopped(one, False), stopped(one, True), stopped(one, False), stopped(one, True)] == [0, 1, 0, 1]
    with pytest.raises(InputError, match="an interrupted run of other inputs"):
        stopped(other, True)
    assert stopped(other, False) == 0


def test_a_piece_that_lies_in_another_ones_place_is_not_taken(tmp_path: Path) -> None:
    store, first, second = Area(tmp_path, "a" * 16), Task(0, 0, 1), Task(0, 1, 1)
    store.put(first, Piece(b"sums", 1, None))
    assert store.get(first) == b"sums"
    shutil.copyfile(tmp_path / f"{first.name}.piece", tmp_path / f"{second.name}.piece")
    assert store.get(second) is None, "of other replications"
    assert Area(tmp_path, "b" * 16).get(first) is None, "of another run"


@pytest.mark.parametrize("harm", [b"", b"\xff" * 300, b"half"])
def test_pieces_are_found_though_what_they_are_of_was_lost(tmp_path: Path, harm: bytes) -> None:
    """As after losing power; what a killed run had half written of its folder is gone with the next one."""
    target, run_id, task = tmp_path / "run", "a" * 16, Task(0, 0, 1)
    with suppress(KeyboardInterrupt), area.opened(target, run_id, resume=False) as store:
        store.put(task, Piece(b"sums", 1, None))
        raise KeyboardInterrupt
    (store.path / area.INPUTS).write_bytes(harm)
    (store.path / ".run.1.part").mkdir()
    (store.path / ".run.1.part" / "half").touch()
    with area.opened(target, run_id, resume=True) as store:
        assert store.get(task) == b"sums"
        assert not list(store.path.glob("*.part"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".piece", ".parquet"])
@pytest.mark.parametrize("harm", ["cut", "changed", "removed", "emptied"])
def test_a_damaged_piece_is_done_again(study: Study, tmp_path: Path, suffix: str, harm: str) -> None:
    small = opened(2).with_deployments(study.deployments[:1])
    task, store = Task(0, 0, 2), Area(tmp_path, small.run_id)
    simulated(small, Work(1, 2), store)
    sound = store.get(task)
    assert sound is not None
    (file,) = tmp_path.glob(f"*{suffix}")
    data = file.read_bytes()
    middle = len(data) // 2
    harmed = {"cut": data[:middle], "changed": data[:middle] + b"!" + data[middle + 1 :], "emptied": b""}
    file.write_bytes(harmed[harm]) if harm in harmed else file.unlink()
    assert store.get(task) is None
    calls = []
    for _ in range(2):  # once for what is damaged, and not again
        simulated(small, Work(1, 2, told=calls.append), store)
    assert [(progress.done, progress.before) for progress in calls] == [(2, 0)]
    assert store.get(task) == sound


def test_large_ledgers_are_one_file_for_each_piece(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from burncurve.studies import ledger_file

    whole = written(simulated(study, Work(1, 5)), study, tmp_path / "small")
    assert "ledger.parquet" in whole
    monkeypatch.setattr(simulation, "SMALL_LEDGER_ROWS", 10)
    asked = replace(study, choices=replace(study.choices, keep_ledger=True))
    found = written(simulated(asked, Work(1, 5)), asked, tmp_path / "large")
    parts = [name for name in found if name.startswith("ledger/")]
    assert len(parts) == 3 * len(study.deployments)
    one = ledger_file.read(tmp_path / "small" / "ledger.parquet")
    many = ledger_file.read(*(tmp_path / "large" / name for name in sorted(parts)))
    assert one.to_pylist() == many.to_pylist()
    other = written(simulated(asked, Work(1, 2)), asked, tmp_path / "other")
    smaller = [name for name in other if name.startswith("ledger/")]
    assert len(smaller) > len(parts)
    assert ledger_file.read(*(tmp_path / "other" / name for name in sorted(smaller))).to_pylist() == many.to_pylist()
    rest = found.keys() - {*parts, "manifest.json"}
    assert {name: found[name] for name in rest} == {name: other[name] for name in rest}, "all else knows no chunks"
    unasked = written(simulated(study, Work(1, 5)), study, tmp_path / "none")
    assert not [name for name in unasked if "ledger" in name]


# the pool


class Flaky:
    """Fails so often for each item, in the way given."""

    def __init__(self, failures: int, error: type[Exception] = RuntimeError) -> None:
        self.failures, self.error, self.calls = failures, error, dict[int, int]()

    def __call__(self, item: int) -> int:
        self.calls[item] = self.calls.get(item, 0) + 1
        if self.calls[item] <= self.failures:
            raise self.error("no luck")
        return item * item


@pytest.mark.parametrize("hands", [workers.inline(), workers.threads(3)])
@pytest.mark.parametrize("error", [RuntimeError, BrokenExecutor, MemoryError])
def test_what_fails_is_tried_again(hands: Hands, error: type[Exception]) -> None:
    found: dict[int, int] = {}
    each_done(hands, Flaky(TRIES - 1, error), Todo(range(9)), found.__setitem__)
    assert found == {n: n * n for n in range(9)}


def test_what_always_fails_ends_the_run_with_its_name() -> None:
    with pytest.raises(InternalError, match="piece 3 of work: failed 3 times: RuntimeError: no luck"):
        each_done(
            workers.inline(), Flaky(TRIES), Todo([3]), lambda *_: None, named=lambda item: f"piece {item} of work"
        )


def test_a_poisoned_chunk_names_scenario_deployment_and_replications(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no luck")

    study = replace(study, choices=replace(study.choices, engine="reference"))
    monkeypatch.setattr("burncurve.engines.played", broken)
    with pytest.raises(InternalError, match=r"deployment \w+, replications 0 to 4: failed 3 times"):
        simulated(study, Work(1, 5))


def test_what_the_user_got_wrong_is_not_tried_again() -> None:
    flaky = Flaky(1, InputError)
    with pytest.raises(InputError):
        each_done(workers.inline(), flaky, Todo([1]), lambda *_: None)
    assert flaky.calls == {1: 1}


def test_a_killed_process_loses_nothing(tmp_path: Path) -> None:
    hands = workers.processes(2)
    found: dict[tuple[str, int], int] = {}
    items = [(str(tmp_path / "mark"), number) for number in range(6)]
    each_done(hands, kill_once, Todo(items), found.__setitem__)
    assert sorted(found.values()) == list(range(6))


def test_memory_keeps_what_was_put() -> None:
    assert Memory().get(Task(0, 0, 1)) is None
    assert Memory().ledger(Task(0, 0, 1)) is None


def test_a_stop_just_as_the_lock_is_made_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.path.samestat", stopped)
    with pytest.raises(KeyboardInterrupt), area.opened(tmp_path / "results" / "run", "0" * 16, resume=False):
        pass
    assert list(tmp_path.iterdir()) == []

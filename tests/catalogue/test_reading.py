"""Files of one's own: a new offer is one new file, and what is wrong in it is said with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from burncurve import catalogue
from burncurve.catalogue import Status
from burncurve.errors import InputError

NEW = """\
sources: {card: "example.org/card"}
common:
  maker: {value: Example, source: card, date: 2026-11-01}
offers:
  example/new-1:
    window_tokens: {value: 128000, source: "card: table 2", date: 2026-11-01}
    cache_kind: {value: none, source: card, date: 2026-11-01}
    first_token_s: {unknown: "not measured yet", assumed: 0.5}
"""


def _write(folder: Path, text: str, name: str = "new.yaml") -> Path:
    (folder / name).write_text(text)
    return folder


def test_a_new_offer_is_one_new_file(tmp_path: Path) -> None:
    offer = catalogue.load(_write(tmp_path, NEW)).offers["example/new-1"]
    assert offer.fact("maker").value == "Example"
    assert offer.fact("window_tokens").source == "example.org/card; table 2"
    first = offer.fact("first_token_s")
    assert (first.value, first.status, first.source) == (0.5, Status.ASSUMED, "assumption: not measured yet")
    assert offer.fact("decode_tokens_per_s").status is Status.ASSUMED
    assert offer.fact("success_probability").status is Status.UNKNOWN


def test_a_file_of_ones_own_goes_before_the_shipped_facts(tmp_path: Path) -> None:
    own = "offers: {zai/glm-5: {decode_tokens_per_s: {value: 40, source: my log, date: 2026-11-01}}}"
    read = catalogue.load(_write(tmp_path, own) / "new.yaml")
    assert read.offers["zai/glm-5"].fact("decode_tokens_per_s").value == 40
    assert read.offers["zai/glm-5"].fact("window_tokens").value == 204_800
    assert read.offers["zai/glm-5"].representative
    assert read.digest != catalogue.load().digest


def _problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        catalogue.load(_write(folder, text))
    return [str(problem).replace(str(folder), "") for problem in caught.value.problems]


def test_every_problem_of_a_file_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    problems = _problems(
        tmp_path,
        """\
offers:
  example/new:
    window_token: {value: 1, source: s, date: 2026-11-01}
    window_tokens: {value: .nan, source: s, date: 2026-11-01}
    cache_kind: {value: automatc, source: s, date: 2026-11-01}
    region: {value: US, source: s}
    turns_factor: {value: -1, source: s, date: yesterday}
    limits_per: {value: model, unknown: why}
    cache_short_ttl_s: {value: [600, 300], source: s, date: 2026-11-01}
    limits: {value: {all: {request_per_minute: 5}}, source: s, date: 2026-11-01}
    success_probability: {value: 1.1, source: s, date: 2026-11-01}
    released: [{value: 2026-11-01, source: s, date: 2026-11-02}, {value: 2026-11-01, source: s, date: 2026-11-01}]
  example: {}
""",
    )
    places = [problem.partition(" ")[0] for problem in problems]
    assert places == [
        "/new.yaml:3:5:",
        "/new.yaml:4:28:",
        "/new.yaml:5:25:",
        "/new.yaml:6:13:",
        "/new.yaml:7:27:",
        "/new.yaml:7:48:",
        "/new.yaml:8:17:",
        "/new.yaml:9:32:",
        "/new.yaml:10:28:",
        "/new.yaml:11:34:",
        "/new.yaml:12:15:",
        "/new.yaml:13:3:",
    ]
    assert "did you mean window_tokens?" in problems[0]
    assert "`.nan` is not a whole number above 0" in problems[1]
    assert "did you mean automatic?" in problems[2]
    assert "`date` is missing" in problems[3]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("offers: {a/b: {}, a/b: {}}", "repeats the key 'a/b', first given in line 1"),
        ("offers: &o {a/b: *o}", "alias"),
        ("offers: " + "[" * 50, "nested more than 20 levels"),
        ("offers: [a/b", "is not YAML"),
        ("offers: {anthropic/x: [1, 2]}", "expected fields"),
        ("", "is empty"),
        ("common: {}", "holds neither offers nor plans"),
        ("a\x00b", "is not UTF-8 text"),
    ],
)
def test_hostile_files_are_refused_with_a_reason(tmp_path: Path, text: str, said: str) -> None:
    assert said in "\n".join(_problems(tmp_path, text))


def test_more_tokens_than_a_ledger_counts_are_refused(tmp_path: Path) -> None:
    text = "offers: {a/b: {max_output_tokens: {value: 2147483648, source: s, date: 2026-11-01}}}"
    said = "max_output_tokens: `2147483648` is not a whole number above 0 up to 2,147,483,647"
    assert said in _problems(tmp_path, text)[0]


def test_the_problems_of_several_files_are_told_together(tmp_path: Path) -> None:
    _write(tmp_path, "offers: {a/b: {region: {}}}", "one.yaml")
    problems = _problems(tmp_path, "offers: {a/c: {what: {}}}")
    assert any(problem.startswith("/one.yaml:1:") for problem in problems)
    assert any(problem.startswith("/new.yaml:1:") for problem in problems)


def test_an_offer_stated_twice_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, NEW, "one.yaml")
    assert "stands in" in _problems(tmp_path, NEW)[0]


def test_a_folder_that_is_not_there_or_holds_nothing(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(InputError):
            catalogue.load(path)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("anthropic/claude-opus-46", "anthropic/claude-opus-4.6"),
        ("claude-opus-4.6", "anthropic/claude-opus-4.6"),
        ("moonshot/kimi-k2.5", "moonshotai/kimi-k2.5"),
        ("zhipu/glm-5", "zai/glm-5"),
    ],
)
def test_an_unknown_offer_gets_the_nearest_names(name: str, meant: str) -> None:
    with pytest.raises(InputError, match=f"did you mean .*{meant}"):
        catalogue.load().offer(name)

"""Limits of offers beside logs: those that a log disproves, and the calls that other offers' windows refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from burncurve.deployment import NO_LIMIT
from burncurve.studies.turns import Ints

if TYPE_CHECKING:
    from burncurve.deployment import Deployment, Offer
    from burncurve.studies.observing import Seen


@dataclass(frozen=True, slots=True)
class Sizes:
    """The largest prompt, and the largest answer with its reasoning, of one offer, in its tokens."""

    prompt: int
    output: int


def largest_seen(found: Seen) -> Mapping[str, Sizes]:
    """Return the largest prompt and answer of each offer in the logs, by the offer's name there."""
    turns = found.turns
    answers = turns.output + turns.reasoning
    served = np.array(found.offers)[turns.agent]
    return {
        offer: Sizes(_largest(turns.prompt[served == offer]), _largest(answers[served == offer]))
        for offer in dict.fromkeys(found.offers)
    }


def _largest(values: Ints) -> int:
    return int(values.max(initial=0))


def largest_known(offers: Sequence[Offer]) -> Mapping[str, Sizes]:
    """Return what each offer takes and gives at most, as far as is known, by its name."""
    return {each.name: Sizes(each.window_tokens, each.max_output_tokens) for each in offers}


def disproved(known: Mapping[str, Sizes], seen: Mapping[str, Sizes]) -> tuple[str, ...]:
    """Return a remark for each limit known of an offer that the logs show to be larger."""
    told = []
    for name, limit in known.items():
        shown = seen[name]
        if shown.prompt > limit.prompt:
            told.append(_said(name, f"a window of {limit.prompt:,}", f"a prompt of {shown.prompt:,}"))
        if shown.output > limit.output:
            told.append(_said(name, f"answers of at most {limit.output:,}", f"one of {shown.output:,}"))
    return tuple(told)


def _said(name: str, known: str, shown: str) -> str:
    return f"{name}: the catalogue says {known} tokens, the log shows {shown}"


def lifted(deployment: Deployment) -> Deployment:
    """Return the deployment with offers that serve any prompt and answer: what was logged was served.

    Not just as large as the largest seen: sizes go through reference tokens and back, and may come out a little larger.
    """
    offers = tuple(replace(each, window_tokens=NO_LIMIT, max_output_tokens=NO_LIMIT) for each in deployment.offers)
    return replace(deployment, offers=offers)


def as_large_as_seen(deployment: Deployment, seen: Mapping[str, Sizes]) -> Deployment:
    """Return the deployment with limits of its offers, named as in the logs, no smaller than the logs show."""
    offers = tuple(
        replace(
            each,
            window_tokens=max(each.window_tokens, seen[each.name].prompt),
            max_output_tokens=max(each.max_output_tokens, seen[each.name].output),
        )
        for each in deployment.offers
    )
    return replace(deployment, offers=offers)


def never_made(calls: int, parts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return by deployment of a document how many of so many calls did not fit the window, and how many never came.

    Those that never came would have followed, in their request or by their children, or came after the horizon.
    """
    return [
        {
            "deployment": part["name"],
            "did_not_fit": part["overflows"],
            "never_came": calls - part["calls"] - part["overflows"],
        }
        for part in parts
    ]

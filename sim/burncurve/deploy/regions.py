"""Regions that a deployment asks for and a book has no price of its own in: it may be a slip of the pen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from burncurve.deployment import Deployment, Offer
from burncurve.errors import Problem, did_you_mean
from burncurve.prices import Book
from burncurve.prices.timeline import series

if TYPE_CHECKING:
    from burncurve.scenario.models import Scenario


def region_problems(
    scenario: Scenario, served: Iterable[tuple[Deployment, str]], book: Book, as_of: date | None
) -> Iterator[Problem]:
    """Yield one problem for each deployment, of those that stand in the file by a name, at its `region`."""
    for made, base in served:
        region = scenario.deployments[base].region
        others = general(made, region, book, as_of)
        if region and others:
            known = regions_of(book, others)
            remedy = did_you_mean(region, known) if known else "leave `region` out"
            what = f"deployments.{base}.region: {_told(region, others, book)}"
            where = scenario.where("deployments", base, "region")
            yield Problem(where, what, f"{remedy}; or bill with a --book that has the price there")


def region_notes(made: Deployment, region: str | None, book: Book | None, as_of: date | None) -> Iterator[str]:
    """Yield which offers of a deployment are billed at the price of every region."""
    others = general(made, region, book, as_of)
    if region and book and others:
        known = ", ".join(regions_of(book, others))
        told = f" (it has some in {known})" if known else ""
        yield f"deployment {made.name}: {_told(region, others, book)}{told}: the general one is taken"


def general(made: Deployment, region: str | None, book: Book | None, as_of: date | None) -> Mapping[str, Offer]:
    """Return by name the offers for which a region was asked in which a book, as it was known, has no price."""
    if region is None or book is None:
        return {}
    return {offer.name: offer for offer in made.offers if not _has_own(book, offer, region, as_of)}


def regions_of(book: Book, offers: Mapping[str, Offer]) -> list[str]:
    """Return the regions in which a book has prices of some offers of their own, at the tiers at which they serve."""
    return sorted(
        {
            price.region
            for price in book.prices
            if price.region and price.offer in offers and price.service_tier == offers[price.offer].service_tier
        }
    )


def _has_own(book: Book, offer: Offer, region: str, as_of: date | None) -> bool:
    return any(price.region == region for price in series(book, offer.name, offer.service_tier, as_of, region))


def _told(region: str, others: Iterable[str], book: Book) -> str:
    return f"book {book.name} has no price of its own in region {region} for {', '.join(others)}"

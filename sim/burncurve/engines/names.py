"""The names that a ledger's integers point into."""

from __future__ import annotations

from burncurve.deployment import Deployment
from burncurve.ledger import KIND_NAMES, STATUS_NAMES
from burncurve.workload import Workload


def names_of(workload: Workload, deployment: Deployment) -> dict[str, tuple[str, ...]]:
    """Return the lists of names that the ledger's integers point into."""
    regions, tiers = offer_names(deployment)
    return {
        "agents": tuple(agent.name for agent in workload.agents),
        "kinds": KIND_NAMES,
        "offers": tuple(offer.name for offer in deployment.offers),
        "accounts": tuple(account.name for account in deployment.accounts),
        "regions": tuple(regions),
        "service_tiers": tuple(tiers),
        "plans": tuple(plan.name for plan in deployment.plans),
        "statuses": STATUS_NAMES,
    }


def offer_names(deployment: Deployment) -> tuple[list[str], list[str]]:
    """Return the distinct regions and service tiers, in order of first appearance."""
    regions = list(dict.fromkeys(offer.region for offer in deployment.offers))
    return regions, list(dict.fromkeys(offer.service_tier for offer in deployment.offers))

"""By what a ledger decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from activities.ledger.projections import Projection, Projections
from workflows.decider import Registry
from workflows.policy_book import PolicyBook

NO_PROJECTIONS: Mapping[str, Projection] = {}


@dataclass(frozen=True, slots=True)
class Rules:
    """By what a ledger decides: deciders, policies, read models, and how recently a signer must have authenticated."""

    registry: Registry
    policies: PolicyBook
    projections: Projections
    fresh: timedelta | None = None

"""Facility IDs that several providers of one state have."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple


class FacilityIdHolder(NamedTuple):
    """A provider and its facility ID.

    Attributes:
        ccn: Its CMS Certification Number.
        state: Two-letter state code.
        facility_id: Its submission ID in the state; empty where it is not known.
    """

    ccn: str
    state: str
    facility_id: str


@dataclass(frozen=True, slots=True)
class Shared:
    """A facility ID that several providers of one state have.

    Attributes:
        facility_id: It.
        state: Two-letter state code.
        ccns: CCNs of the providers, in their order.
    """

    facility_id: str
    state: str
    ccns: tuple[str, ...]

    @property
    def message(self) -> str:
        """What is wrong, what comes of it, and what to do."""
        return (
            f"{', '.join(self.ccns[:-1])} and {self.ccns[-1]}, in {self.state}, have the same facility ID"
            f" {self.facility_id}. Records that name no CCN, such as inactivations, are rejected, as nobody"
            " can tell whose they are. Find out to which it belongs, and correct the rest."
        )


def shared_ids(holders: Iterable[FacilityIdHolder], concerned: AbstractSet[str]) -> list[Shared]:
    """Find the facility IDs that several providers of one state have.

    Args:
        holders: All providers.
        concerned: CCNs of which one must be among them.

    Returns:
        They, by the first of their CCNs.
    """
    ccns: dict[tuple[str, str], list[str]] = {}
    for holder in holders:
        if holder.facility_id:
            ccns.setdefault((holder.state, holder.facility_id), []).append(holder.ccn)
    found = [
        Shared(facility_id, state, tuple(sorted(several)))
        for (state, facility_id), several in ccns.items()
        if len(several) > 1 and not concerned.isdisjoint(several)
    ]
    return sorted(found, key=lambda shared: shared.ccns)

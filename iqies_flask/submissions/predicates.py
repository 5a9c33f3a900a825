"""What this installation knows beyond a record: the predicates that it supplies to the edits.

The registry of providers has no numbers of states' own and no settings of states: edits that ask for these
are not judged. Nor are those that ask for a submission ID, or for branches, where it has none of the
provider. Whether the submitter may submit for the provider is decided before, as a verdict of its own.
"""

from collections.abc import Sequence

from iqies_flask.access.branches import Branches
from iqies_flask.assessments.service import Version
from iqies_flask.pipeline.report.model import ProviderName
from iqies_flask.specs.edits.predicates import Answer, Ask, Supplied


def supplied_for(provider: ProviderName, branches: Branches, corrected: Version | None) -> Supplied:
    """Make the predicates for one record.

    Args:
        provider: The provider that it belongs to, as the registry has it.
        branches: What the registry knows of that provider's branches.
        corrected: The stored version that the record corrects; None where it corrects none.
    """

    def stored_record(_: Sequence[str]) -> Answer:
        return Answer(corrected is not None, "this provider has no stored record with these values")

    def next_correction_number(values: Sequence[str]) -> Answer | None:
        return _is_next(values[0], corrected.corrections) if corrected is not None else None

    supplied: dict[str, Ask] = {
        "provider-ccn": _registered(provider.ccn, provider),
        "stored-record": stored_record,
        "next-correction-number": next_correction_number,
    }
    if provider.facility_id:
        supplied["submission-id"] = _registered(provider.facility_id, provider)
    return supplied | _of_branches(branches, provider) if branches.known else supplied


def _of_branches(branches: Branches, provider: ProviderName) -> dict[str, Ask]:
    def without_branches(_: Sequence[str]) -> Answer | None:
        # Whoever has closed them all had some on the day of an older assessment.
        return None if branches.past and not branches.present else Answer(not branches.present)

    def with_branches(_: Sequence[str]) -> Answer:
        return Answer(bool(branches.present))

    def branch_of_agency(values: Sequence[str]) -> Answer:
        submitted = values[0].strip()
        return Answer(
            submitted in branches.present or submitted in branches.past,
            f"the registry has no such branch of {provider.name}",
        )

    return {
        "agency-without-branches": without_branches,
        "agency-with-branches": with_branches,
        "branch-of-agency": branch_of_agency,
    }


def _registered(value: str, provider: ProviderName) -> Ask:
    def ask(values: Sequence[str]) -> Answer:
        same = values[0].strip().upper() == value.strip().upper()
        return Answer(same, f"the registry has “{value}” for {provider.name}")

    return ask


def _is_next(submitted: str, corrections: int) -> Answer:
    number = corrections + 1
    return Answer(
        submitted.isdecimal() and int(submitted) == number,
        f"the record was corrected {_times(corrections)} before, so “{number:02}” comes next",
    )


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")

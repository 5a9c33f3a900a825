"""What this installation knows beyond a record: the predicates that it supplies to the edits.

The registry of providers has no numbers of states' own, no settings of states and no branches yet: edits
that ask for these are not judged. Whether the submitter may submit for the provider is decided before, as a
verdict of its own.
"""

from collections.abc import Sequence

from iqies_flask.assessments.service import Version
from iqies_flask.pipeline.report.model import ProviderName
from iqies_flask.specs.edits.predicates import Answer, Ask, Supplied


def supplied_for(provider: ProviderName, corrected: Version | None) -> Supplied:
    """Make the predicates for one record.

    Args:
        provider: The provider that it belongs to, as the registry has it.
        corrected: The stored version that the record corrects; None where it corrects none.
    """

    def stored_record(_: Sequence[str]) -> Answer:
        return Answer(corrected is not None, "this provider has no stored record with these values")

    def next_correction_number(values: Sequence[str]) -> Answer | None:
        return _is_next(values[0], corrected.corrections) if corrected is not None else None

    return {
        "submission-id": _registered(provider.facility_id, provider),
        "provider-ccn": _registered(provider.ccn, provider),
        "stored-record": stored_record,
        "next-correction-number": next_correction_number,
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

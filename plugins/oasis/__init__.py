"""OASIS: assessments of home health agencies."""

from collections.abc import Iterable
from pathlib import Path

from iqies_flask.plugin import (
    Context,
    Finding,
    Identification,
    Record,
    Route,
    SpecRegistry,
    bundled_packs,
    check_assessment,
    hookimpl,
    identify_assessment,
)

SYSTEM = "OASIS"
TELLTALE_ITEMS = ("M0100_ASSMT_REASON", "M0090_INFO_COMPLETED_DT", "TRANS_TYPE_CD")
"""Items that tell an OASIS record whose system code is wrong or missing."""


@hookimpl
def register_specs() -> Iterable[Path]:
    """Offer the OASIS packs that came with the product."""
    return bundled_packs("oasis")


@hookimpl
def identify(record: Record, specs: SpecRegistry) -> Identification | None:
    """Recognize an OASIS record by its system code, or by items that only OASIS has."""
    return identify_assessment(record, specs, SYSTEM, TELLTALE_ITEMS)


@hookimpl
def validate(record: Record, context: Context) -> Iterable[Finding]:
    """Check structure, item subset, formats and consistency."""
    identified = context.identification
    if identified is None or identified.system != SYSTEM or identified.pack is None:
        return ()
    return check_assessment(record, identified.pack, identified.summary.subset, context.today)


@hookimpl
def route(record: Record, context: Context) -> Route | None:
    """Send OASIS records to the assessment store."""
    if context.identification is not None and context.identification.system == SYSTEM:
        return Route("assessments", "the OASIS assessment store")
    return None

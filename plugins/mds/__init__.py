"""MDS 3.0: assessments of nursing homes and swing beds."""

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

SYSTEM = "MDS"
TELLTALE_ITEMS = ("A0310A", "X0600A", "A0050")
"""Items that tell an MDS record whose system code is wrong or missing."""


@hookimpl
def register_specs() -> Iterable[Path]:
    """Offer the MDS packs that came with the product."""
    return bundled_packs("mds")


@hookimpl
def identify(record: Record, specs: SpecRegistry) -> Identification | None:
    """Recognize an MDS record by its system code, or by items that only the MDS has."""
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
    """Send MDS records to the assessment store."""
    if context.identification is not None and context.identification.system == SYSTEM:
        return Route("assessments", "the MDS assessment store")
    return None

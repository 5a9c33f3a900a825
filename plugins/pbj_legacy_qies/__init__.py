"""Payroll Based Journal: recognized here, and handed over intact to the legacy QIES gateway.

Nothing in a PBJ file is checked. Only its header is read, to name it in the report.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from iqies_flask.plugin import (
    Context,
    EditType,
    Finding,
    Identification,
    Receipt,
    Record,
    RecordSummary,
    Route,
    Severity,
    SpecRegistry,
    hookimpl,
)

from .header import HeaderError, PbjHeader, read_header
from .spool import Slip, Spool, SubmissionKey

SYSTEM = "PBJ"
ROOT = "nursingHomeData"
PLUGIN = "pbj_legacy_qies"
DESTINATION = "pbj-legacy-qies"
SPOOL_OPTION = "spool"


@hookimpl
def identify(record: Record, specs: SpecRegistry) -> Identification | None:
    """Recognize a PBJ file by its root element."""
    if record.root != ROOT:
        return None
    try:
        with record.content.open() as stream:
            header = read_header(stream)
    except HeaderError as error:
        return Identification(SYSTEM, findings=(_unreadable_header(error),))
    summary = RecordSummary(facility_id=header.facility_id, state=header.state)
    return Identification(SYSTEM, summary=summary, findings=(_handed_over(header),))


@hookimpl
def validate(record: Record, context: Context) -> Iterable[Finding]:
    """Refuse a PBJ file only where there is no gateway to hand it over to."""
    if not _is_pbj(context) or context.offline or _spool_folder(context) is not None:
        return ()
    return [
        Finding(
            edit_id="PBJ-2",
            system=PLUGIN,
            severity=Severity.FATAL,
            edit_type=EditType.SYSTEM,
            message="This is a Payroll Based Journal file, and the hand-over to QIES is not set up here. "
            "The file is kept with this submission, but it was not passed on.",
            remedy="Tell the operator of this installation, and submit the file again when the hand-over is "
            "set up. Until then submit it to CMS directly, before the quarter's deadline.",
        )
    ]


@hookimpl
def route(record: Record, context: Context) -> Route | None:
    """Send PBJ files to the legacy QIES gateway."""
    return Route(DESTINATION, "the legacy QIES gateway") if _is_pbj(context) else None


@hookimpl
def deliver(route: Route, records: Sequence[Record], context: Context) -> Iterable[Receipt] | None:
    """Put PBJ files into the spool folder, from which the gateway fetches them.

    Raises:
        OSError: A file could not be written.
    """
    if route.destination != DESTINATION:
        return None
    folder = _spool_folder(context)
    if folder is None or context.submission_id is None:
        return None
    spool = Spool(folder)
    submission = SubmissionKey(context.submission_id, context.received_at)
    return [_receipt(record, spool.put(submission, record, datetime.now(UTC))) for record in records]


def _receipt(record: Record, slip: Slip) -> Receipt:
    return Receipt(
        record_number=record.number,
        reference=slip.reference,
        message=(
            f"This Payroll Based Journal file was left for the legacy QIES gateway as {slip.reference}, "
            "unchanged. It was not checked here. Whether CMS accepted it is only said by the PBJ Final File "
            "Validation Report; that can take up to 24 hours, so look for it before the quarter's deadline."
        ),
        delivered_at=slip.delivered_at,
        details={"size": str(slip.size), "sha256": slip.sha256},
    )


def _is_pbj(context: Context) -> bool:
    return context.identification is not None and context.identification.system == SYSTEM


def _spool_folder(context: Context) -> Path | None:
    folder = context.option(PLUGIN, SPOOL_OPTION)
    return Path(folder) if folder else None


def _handed_over(header: PbjHeader) -> Finding:
    return Finding(
        edit_id="PBJ-1",
        system=PLUGIN,
        severity=Severity.ADVICE,
        edit_type=EditType.ADVICE,
        message=f"This is a Payroll Based Journal file ({header.in_words}). "
        "PBJ files are not checked here; QIES checks them after they are handed over.",
        remedy="Look for the PBJ Final File Validation Report after submitting it.",
    )


def _unreadable_header(error: HeaderError) -> Finding:
    return Finding(
        edit_id="PBJ-3",
        system=PLUGIN,
        severity=Severity.FATAL,
        edit_type=EditType.STRUCTURE,
        message=f"This is a Payroll Based Journal file whose header cannot be read: {error}. "
        "It was not handed over.",
        remedy="Export the file again with your payroll or time-keeping software, and submit it again.",
    )

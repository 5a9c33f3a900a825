from datetime import UTC, date, datetime

import pytest

from iqies_flask.model import Change
from iqies_flask.pipeline.report.model import (
    FinalValidationReport,
    ProviderName,
    ReportCounts,
    ReportHeader,
)

from .examples import FILE_FINDING, SSN_FINDING, record


@pytest.fixture
def report() -> FinalValidationReport:
    """A submitter's report of two records, the second broken, handed over as a one-pass iterable."""
    first = record(
        1,
        provider=ProviderName(ccn="999001", name="Testville Home Health", facility_id="TESTHHA1", state="IA"),
        subset="01",
        subset_label="Start of care",
        transaction="New",
        correction_number="00",
        reason="01",
        target_date=date(2026, 10, 1),
        person="TESTPERSON, ONE",
        document_id="DOC-1",
        changes=(Change("M0040_PAT_LNAME", "Testperson", "TESTPERSON", "Stored in upper case.", "scrub"),),
    )
    return FinalValidationReport(
        header=ReportHeader(
            title="Submitter Final Validation Report",
            submission_id=41,
            file_name="batch.zip",
            file_status="Completed",
            received_at=datetime(2026, 11, 20, 19, 25, 3, tzinfo=UTC),
            completed_at=datetime(2026, 11, 20, 19, 26, 4, tzinfo=UTC),
            submitter="submitter1",
            provider=None,
            counts=ReportCounts(in_file=2, processed=2, accepted=1, rejected=1, fatal=1, warnings=1),
        ),
        file_findings=(FILE_FINDING,),
        records=iter([first, record(2, SSN_FINDING)]),
    )

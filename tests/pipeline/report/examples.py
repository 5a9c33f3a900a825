from iqies_flask.model import EditType, Finding, ItemValue, Severity
from iqies_flask.pipeline.report.model import Disposition, RecordReport

SSN_FINDING = Finding(
    edit_id="-3110",
    system="OASIS",
    severity=Severity.FATAL,
    edit_type=EditType.FORMAT,
    message="The social security number is not nine digits.",
    remedy="Enter nine digits without dashes.",
    items=(
        ItemValue("M0064_SSN", "Social Security number", "987-65-4320"),
        ItemValue("M0064_SSN_UK", "Social Security number unknown", None),
    ),
    plugin="oasis",
)

FILE_FINDING = Finding(
    edit_id="member-not-xml",
    system="iqies_flask",
    severity=Severity.WARNING,
    edit_type=EditType.STRUCTURE,
    message="notes.txt is not an XML file and was left out.",
)


def record(number: int, *findings: Finding, **fields: object) -> RecordReport:
    disposition = Disposition.REJECTED if findings else Disposition.ACCEPTED
    return RecordReport(
        number=number,
        file_name=f"record{number}.xml",
        system="OASIS",
        disposition=disposition,
        findings=findings,
        **fields,  # type: ignore[arg-type]
    )

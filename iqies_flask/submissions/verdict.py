"""What becomes of a checked record: for whom it is, whether it may be sent, whether it is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from iqies_flask.access.actions import Action
from iqies_flask.access.permission import why_not
from iqies_flask.access.registry import provider_of
from iqies_flask.assessments.service import NewAssessment
from iqies_flask.identity.models import User
from iqies_flask.model import Finding, ItemValue, RecordSummary, Severity
from iqies_flask.pipeline.chain import RecordOutcome
from iqies_flask.pipeline.report.model import Disposition, ProviderName, RecordReport
from iqies_flask.pipeline.report.outcome import ASSESSMENT_STORE, disposition_of, record_report
from iqies_flask.specs.locator import corrected_locator, own_locator
from iqies_flask.specs.pack import Pack
from iqies_flask.submissions.messages import DUPLICATE, NO_AUTHORITY, NO_AUTHORITY_OF_CMS, NOT_DELIVERED

_FACILITY_ITEMS = {"MDS": "FAC_ID", "OASIS": "HHA_AGENCY_ID"}
"""The item that names the provider, by system."""


_MODIFICATION, _INACTIVATION = "2", "3"
_UNKNOWN_PROVIDER = "No registered provider has these identifiers, or they are those of two different ones."


@dataclass(frozen=True, slots=True)
class ToCheck:
    """What the edits that need the database look at.

    Attributes:
        system: ``MDS`` or ``OASIS``.
        items: As submitted.
        pack: The pack in force.
        subset: Item subset code; empty where there is none.
        provider: As the registry has it.
        corrects: The values by which the record names the one that it corrects; nothing for a new record.
    """

    system: str
    items: Mapping[str, str]
    pack: Pack
    subset: str
    provider: ProviderName
    corrects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A record and what becomes of it.

    Attributes:
        report: What the report says of it.
        summary: What the record says of itself.
        provider_ccn: The provider whose reports show it; None where nobody's may.
        assessment: What is to be stored; None where nothing is.
        to_check: What is to be checked with the database; None where nothing is.
    """

    report: RecordReport
    summary: RecordSummary
    provider_ccn: str | None = None
    assessment: NewAssessment | None = None
    to_check: ToCheck | None = None

    def with_findings(self, findings: Sequence[Finding]) -> "Verdict":
        """Give back the verdict after more checks: what is fatal rejects the record."""
        report = replace(self.report, findings=(*self.report.findings, *findings))
        if self.assessment is None or not _has_fatal(findings):
            return replace(self, report=report)
        return replace(self, report=replace(report, disposition=Disposition.REJECTED), assessment=None)

    def as_duplicate(self) -> "Verdict":
        """Give back the verdict on the same record once its twin was found in the store."""
        return replace(
            self, report=_rejected(self.report, Disposition.DUPLICATE, DUPLICATE.finding()), assessment=None
        )

    def as_handed_over(self, message: str) -> "Verdict":
        """Give back the verdict with what the receiver of the record said."""
        return replace(self, report=replace(self.report, delivery=message))

    def as_not_delivered(self, destination: str) -> "Verdict":
        """Give back the verdict on a record that nobody took."""
        finding = NOT_DELIVERED.finding(destination=destination)
        report = replace(_rejected(self.report, Disposition.REJECTED, finding), delivery="")
        return replace(self, report=report)


class Judge:
    """Decides on the records of one submission. Looks each provider up once, until it is told to forget."""

    def __init__(self, user: User) -> None:
        """Take the submitter."""
        self._user = user
        self._providers: dict[tuple[str, str, str], ProviderName] = {}
        self._refusals: dict[str, str | None] = {}

    def forget(self) -> None:
        """Look everything up anew: a role that was taken while a submission is worked on counts no more."""
        self._providers.clear()
        self._refusals.clear()

    def judge(self, outcome: RecordOutcome) -> Verdict:
        """Decide on one record."""
        report = record_report(outcome)
        known = outcome.identification
        if known is None:
            return Verdict(report=report, summary=RecordSummary())
        if not _needs_authority(outcome):
            return Verdict(report=report, summary=known.summary)
        provider = self._provider(known.summary)
        refusal = self._refusal(provider.ccn)
        if refusal is not None:
            report = _rejected(
                report, Disposition.WITHOUT_AUTHORITY, _no_authority(outcome, self._user, refusal)
            )
            return Verdict(report=report, summary=known.summary)
        assessment = None
        if report.disposition is Disposition.ACCEPTED:
            assessment = NewAssessment(
                record_number=report.number,
                system=known.system,
                spec_version=known.pack.version if known.pack else "",
                ccn=provider.ccn,
                summary=known.summary,
                items=outcome.stored_items,
                locator=_own_locator(outcome),
            )
        return Verdict(
            replace(report, provider=provider),
            known.summary,
            provider.ccn,
            assessment,
            _to_check(outcome, provider),
        )

    def _provider(self, summary: RecordSummary) -> ProviderName:
        key = (summary.ccn, summary.state, summary.facility_id)
        if key not in self._providers:
            self._providers[key] = provider_of(summary)
        return self._providers[key]

    def _refusal(self, ccn: str) -> str | None:
        """Why the submitter may not submit for a provider; None where that is allowed."""
        if ccn not in self._refusals:
            # `why_not` would take the empty one for a question about all providers.
            self._refusals[ccn] = why_not(self._user, Action.UPLOAD, ccn) if ccn else _UNKNOWN_PROVIDER
        return self._refusals[ccn]


def _own_locator(outcome: RecordOutcome) -> tuple[str, ...]:
    """An inactivation is found by nothing: it cannot be corrected."""
    known = outcome.identification
    if known is None or known.pack is None or known.summary.transaction == _INACTIVATION:
        return ()
    return own_locator(outcome.stored_items, known.pack)


def _to_check(outcome: RecordOutcome, provider: ProviderName) -> ToCheck | None:
    known = outcome.identification
    elsewhere = disposition_of(outcome) is Disposition.HANDED_OVER
    if known is None or known.pack is None or _has_fatal(known.findings) or elsewhere:
        return None
    correction = known.summary.transaction in {_MODIFICATION, _INACTIVATION}
    return ToCheck(
        system=known.system,
        items=outcome.record.items,
        pack=known.pack,
        subset=known.summary.subset,
        provider=provider,
        corrects=corrected_locator(outcome.record.items, known.pack) if correction else (),
    )


def _has_fatal(findings: Sequence[Finding]) -> bool:
    return any(finding.severity is Severity.FATAL for finding in findings)


def _needs_authority(outcome: RecordOutcome) -> bool:
    """Whatever is, or would be, stored here needs it. What goes elsewhere (PBJ) the receiver judges."""
    known = outcome.identification
    stored_here = outcome.route is not None and outcome.route.destination == ASSESSMENT_STORE
    return stored_here or (known is not None and known.system in NO_AUTHORITY_OF_CMS)


def _rejected(report: RecordReport, disposition: Disposition, finding: Finding) -> RecordReport:
    return replace(report, disposition=disposition, findings=(*report.findings, finding))


def _no_authority(outcome: RecordOutcome, user: User, why: str) -> Finding:
    known = outcome.identification
    assert known is not None
    summary = known.summary
    named = ", ".join(
        f"{name} {value}"
        for name, value in (
            ("CCN", summary.ccn),
            ("facility ID", summary.facility_id),
            ("state", summary.state),
        )
        if value
    )
    item = _FACILITY_ITEMS.get(known.system, "")
    label = known.pack.items[item].label if known.pack and item in known.pack.items else ""
    message = NO_AUTHORITY_OF_CMS.get(known.system, NO_AUTHORITY)
    items = (ItemValue(item, label, outcome.record.items.get(item)),) if item else ()
    return message.finding(*items, user_id=user.user_id, provider=named or "none is named", why=why)

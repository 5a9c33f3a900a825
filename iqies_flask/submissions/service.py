"""Receiving submissions, and what their submitters see of them. Knows no request."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from sqlalchemy import ColumnElement, SelectBase, func, or_, select
from sqlalchemy.orm import Session

from iqies_flask.access.actions import Action
from iqies_flask.access.permission import allowed_ccns, may
from iqies_flask.access.registry import provider_names
from iqies_flask.audit import service as audit
from iqies_flask.current import current_settings
from iqies_flask.database import LARGEST_NUMBER, clip, utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.model import Finding
from iqies_flask.paging import Page, PageSize
from iqies_flask.pipeline.report.model import ProviderName, ReportCounts
from iqies_flask.submissions import counting, tasks
from iqies_flask.submissions.models import STATE_LABELS, State, Submission, SubmissionRecord
from iqies_flask.submissions.rows import unpack_finding
from iqies_flask.submissions.storage import store_content

LIST_PAGE = PageSize(25)
_FINISHED = (State.COMPLETED, State.UNREADABLE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class EmptyFileError(ValueError):
    """The file has no bytes."""


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """A submission as its submitter sees it.

    Attributes:
        id: Submission ID.
        file_name: As the submitter named it.
        state: How far it is.
        state_label: The same in words.
        received_at: UTC.
        completed_at: UTC; None while it is not finished.
        record_count: Records in the file; None until it has been opened.
        processed: Records dealt with.
        counts: What became of them.
        done: Nothing more happens by itself.
        providers: Whose reports there are.
        file_findings: What is wrong with the file as a whole.
    """

    id: int
    file_name: str
    state: State
    state_label: str
    received_at: datetime
    completed_at: datetime | None
    record_count: int | None
    processed: int
    counts: ReportCounts
    done: bool
    providers: tuple[ProviderName, ...] = ()
    file_findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ProviderReportLine:
    """One line in the list of provider reports.

    Attributes:
        submission_id: Submission ID.
        received_at: UTC.
        provider: Whose report.
        counts: Numbers of that provider's records.
    """

    submission_id: int
    received_at: datetime
    provider: ProviderName
    counts: ReportCounts


def receive(user: User, file_name: str, stream: IO[bytes], *, address: str = "") -> Submission:
    """Store a submission whole, and wake a worker. When this returns, the submission cannot be lost any more.

    Args:
        user: The submitter.
        file_name: As the submitter named it.
        stream: The bytes, read to their end.
        address: Where it came from, for the audit log.

    Returns:
        The committed submission with its ID.

    Raises:
        TooLargeError: There are more bytes than an upload may have; nothing is stored.
        EmptyFileError: There are none; nothing is stored.
    """
    now = utc_now()
    with write_transaction() as session:
        submission = Submission(
            user_id=user.id,
            file_name=clip(printable_name(file_name), Submission.file_name),
            size=0,
            sha256="",
            state=State.RECEIVED,
            received_at=now,
            available_at=now,
        )
        session.add(submission)
        session.flush()
        stored = store_content(session, submission.id, stream, current_settings().limits.upload_bytes)
        if not stored.size:
            raise EmptyFileError
        submission.size, submission.sha256 = stored.size, stored.sha256
        # Last: whoever records keeps the others who record waiting until the commit.
        _record(session, "submission.received", user, submission.id, address, bytes=stored.size)
    tasks.wake(submission.id)
    return submission


def note_download(user: User, submission_id: int, address: str) -> None:
    """Write down that a user got a submission's bytes back."""
    with write_transaction() as session:
        _record(session, "submission.downloaded", user, submission_id, address)


def note_report_download(user: User, submission_id: int, address: str, *, form: str, ccn: str | None) -> None:
    """Write down that a user got a report.

    Args:
        user: Who.
        submission_id: What it reports on.
        address: Where it went.
        form: Its form, such as ``csv``.
        ccn: The provider whose report it is; None for the submitter's.
    """
    with write_transaction() as session:
        _record(session, "report.downloaded", user, submission_id, address, form=form, ccn=ccn or "")


def printable_name(file_name: str) -> str:
    """Take the folders and what cannot be printed out of a file's name."""
    name = re.split(r"[\\/]", file_name)[-1]
    return _UNPRINTABLE.sub("", name).strip() or "unnamed"


def own_submission(user: User, submission_id: int) -> Submission | None:
    """Look up a submission of a user's own; None for another person's, as if it did not exist."""
    submission = db.session.get(Submission, submission_id)
    return submission if submission is not None and submission.user_id == user.id else None


def view_of(submission: Submission) -> SubmissionView:
    """Say how far a submission is, and what became of its records."""
    counts = counting.of_submissions([submission])[submission.id]
    return _view(
        submission,
        counts,
        providers=tuple(providers_in(submission.id)) if is_finished(submission) else (),
        file_findings=tuple(unpack_finding(packed) for packed in submission.file_findings),
    )


def providers_in(submission_id: int) -> list[ProviderName]:
    """List the providers for whom a submission has a report."""
    ccns = db.session.scalars(
        select(SubmissionRecord.provider_ccn)
        .where(SubmissionRecord.submission_id == submission_id, SubmissionRecord.provider_ccn.is_not(None))
        .distinct()
    )
    return sorted(provider_names({ccn for ccn in ccns if ccn}).values(), key=lambda provider: provider.ccn)


def list_own(user: User, query: str, asked_page: int) -> Page[SubmissionView]:
    """List a user's submissions, newest first.

    Args:
        user: Whose.
        query: Submission ID, part of the file name or of the status; empty for all.
        asked_page: Page number from 1; the nearest that exists is given.
    """
    chosen = select(Submission).where(Submission.user_id == user.id, *_matching(query))
    total = _total(chosen)
    number = LIST_PAGE.number(asked_page, total)
    submissions = list(
        db.session.scalars(
            chosen.order_by(Submission.id.desc()).limit(LIST_PAGE.entries).offset(LIST_PAGE.offset(number))
        )
    )
    counts = counting.of_submissions(submissions)
    return Page(
        items=[_view(submission, counts[submission.id]) for submission in submissions],
        number=number,
        pages=LIST_PAGE.pages(total),
        total=total,
    )


def list_provider_reports(user: User, asked_page: int) -> Page[ProviderReportLine]:
    """List the finished reports of the providers whose reports a user may see, newest first.

    Args:
        user: Who asks.
        asked_page: Page number from 1; the nearest that exists is given.
    """
    ccns = allowed_ccns(user, Action.VIEW_REPORTS)
    chosen = (
        select(SubmissionRecord.submission_id, SubmissionRecord.provider_ccn, Submission.received_at)
        .join(Submission, Submission.id == SubmissionRecord.submission_id)
        .where(SubmissionRecord.provider_ccn.in_(ccns), Submission.state.in_(_FINISHED))
        .distinct()
    )
    total = _total(chosen)
    number = LIST_PAGE.number(asked_page, total)
    found = db.session.execute(
        chosen.order_by(SubmissionRecord.submission_id.desc(), SubmissionRecord.provider_ccn)
        .limit(LIST_PAGE.entries)
        .offset(LIST_PAGE.offset(number))
    ).all()
    names = provider_names({row.provider_ccn for row in found})
    counts = counting.of_providers({row.submission_id for row in found}, set(names))
    return Page(
        items=[
            ProviderReportLine(
                submission_id=row.submission_id,
                received_at=row.received_at,
                provider=names[row.provider_ccn],
                counts=counts[row.submission_id, row.provider_ccn],
            )
            for row in found
        ],
        number=number,
        pages=LIST_PAGE.pages(total),
        total=total,
    )


def reported_submission(user: User, submission_id: int, ccn: str) -> Submission | None:
    """Look up a finished submission with records of a provider whose reports a user may see; else None."""
    if not may(user, Action.VIEW_REPORTS, ccn):
        return None
    return db.session.scalar(
        select(Submission).where(
            Submission.id == submission_id,
            Submission.state.in_(_FINISHED),
            select(SubmissionRecord.number)
            .where(SubmissionRecord.submission_id == submission_id, SubmissionRecord.provider_ccn == ccn)
            .exists(),
        )
    )


def is_finished(submission: Submission) -> bool:
    """Whether every record has been dealt with, so that there is a report."""
    return submission.state in _FINISHED


def _record(
    session: Session, action: str, user: User, submission_id: int, address: str, **detail: Any
) -> None:
    audit.record(
        session,
        action,
        actor_id=user.id,
        actor=user.user_id,
        address=address,
        object_type="submission",
        object_id=submission_id,
        **detail,
    )


def _view(
    submission: Submission,
    counts: ReportCounts,
    providers: tuple[ProviderName, ...] = (),
    file_findings: tuple[Finding, ...] = (),
) -> SubmissionView:
    return SubmissionView(
        id=submission.id,
        file_name=submission.file_name,
        state=submission.state,
        state_label=STATE_LABELS[submission.state],
        received_at=submission.received_at,
        completed_at=submission.completed_at,
        record_count=submission.record_count,
        processed=submission.processed,
        counts=counts,
        done=submission.state not in (State.RECEIVED, State.PROCESSING),
        providers=providers,
        file_findings=file_findings,
    )


def _matching(query: str) -> Iterable[ColumnElement[bool]]:
    query = _UNPRINTABLE.sub("", query).strip()
    if not query:
        return []
    states: Collection[State] = [
        state for state, label in STATE_LABELS.items() if query.casefold() in label.casefold()
    ]
    conditions = [Submission.file_name.icontains(query, autoescape=True), Submission.state.in_(states)]
    if query.isascii() and query.isdigit() and int(query) <= LARGEST_NUMBER:
        conditions.append(Submission.id == int(query))
    return [or_(*conditions)]


def _total(chosen: SelectBase) -> int:
    return db.session.scalar(select(func.count()).select_from(chosen.subquery())) or 0

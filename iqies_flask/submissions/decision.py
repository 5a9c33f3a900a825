"""The last word on a group of records, in the transaction that stores them.

Records are decided in the order of the submission. A correction finds what was stored before it, be it by an
earlier submission or by a record of the same group.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from iqies_flask.access.branches import Branches, branches_of
from iqies_flask.access.registry import lock_providers
from iqies_flask.assessments.service import Version, find_version, store, store_correction
from iqies_flask.specs.database_edits import check_with_database
from iqies_flask.submissions.predicates import supplied_for
from iqies_flask.submissions.verdict import ToCheck, Verdict


def decide(session: Session, submission_id: int, verdicts: Sequence[Verdict], today: date) -> list[Verdict]:
    """Check records with the database, and store those that are accepted.

    Args:
        session: A session in a writing transaction, which the caller commits.
        submission_id: The submission that brings them.
        verdicts: On the records so far, in their order.
        today: The day on which they were received.

    Returns:
        The verdicts as they stand now.
    """
    # A record and its correction may come in two submissions at once: one provider's are stored one by one.
    lock_providers(session, {verdict.provider_ccn for verdict in verdicts if verdict.provider_ccn})
    decider = _Decider(session, submission_id, today)
    for verdict in verdicts:
        decider.take(verdict)
    return decider.decided()


class _Decider:
    """Stores new records together, as that is quicker, but always before a correction looks for one."""

    def __init__(self, session: Session, submission_id: int, today: date) -> None:
        self._session = session
        self._submission_id = submission_id
        self._today = today
        self._decided: list[Verdict] = []
        self._waiting: list[Verdict] = []
        self._branches: dict[str, Branches] = {}

    def take(self, verdict: Verdict) -> None:
        """Decide on the next record, or let it wait for others."""
        facts = verdict.to_check
        if facts is None:
            self._waiting.append(verdict)
        elif not facts.corrects:
            self._waiting.append(self._checked(verdict, facts, None))
        else:
            self._store_waiting()
            corrected = find_version(self._session, facts.system, facts.provider.ccn, facts.corrects)
            self._decide_correction(self._checked(verdict, facts, corrected), corrected)

    def decided(self) -> list[Verdict]:
        """Give the verdicts on all records taken, in their order."""
        self._store_waiting()
        return self._decided

    def _checked(self, verdict: Verdict, facts: ToCheck, corrected: Version | None) -> Verdict:
        supplied = supplied_for(facts.provider, self._branches_of(facts.provider.ccn), corrected)
        return verdict.with_findings(
            check_with_database(facts.items, facts.pack, facts.subset, self._today, supplied)
        )

    def _branches_of(self, ccn: str) -> Branches:
        if ccn not in self._branches:
            self._branches[ccn] = branches_of(self._session, ccn)
        return self._branches[ccn]

    def _decide_correction(self, verdict: Verdict, corrected: Version | None) -> None:
        assessment = verdict.assessment
        if assessment is None or corrected is None:
            self._waiting.append(verdict)
            return
        stored = store_correction(self._session, self._submission_id, assessment, corrected)
        self._decided.append(verdict if stored else verdict.as_duplicate())

    def _store_waiting(self) -> None:
        verdicts, self._waiting = self._waiting, []
        assessments = [verdict.assessment for verdict in verdicts if verdict.assessment]
        stored = store(self._session, self._submission_id, assessments)
        self._decided += [
            verdict.as_duplicate() if verdict.assessment and verdict.report.number not in stored else verdict
            for verdict in verdicts
        ]

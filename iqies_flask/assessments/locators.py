"""Bringing records that were stored before revision 0002 to where they would stand today."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from iqies_flask.assessments.models import StoredAssessment
from iqies_flask.assessments.service import (
    NewAssessment,
    find_version,
    identity_key,
    locator_key,
    may_take_place,
)
from iqies_flask.database import write_transaction
from iqies_flask.specs.assessment import summarize
from iqies_flask.specs.locator import corrected_locator, own_locator
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.registry import SpecRegistry

_AT_ONCE = 500
_MODIFICATION, _INACTIVATION = "2", "3"


def add_missing_locators(specs: SpecRegistry) -> int:
    """Compute what finds the records in force that have nothing of the kind yet, and match corrections.

    Corrections were stored beside their records before. Left there, the next one would be a duplicate of the
    record that they should have replaced.

    Args:
        specs: The installed packs; records of others stay as they are.

    Returns:
        How many records can be found now.
    """
    added = last = 0
    while True:
        with write_transaction() as session:
            rows = session.scalars(
                select(StoredAssessment)
                .where(
                    or_(StoredAssessment.in_force, StoredAssessment.transaction == _INACTIVATION),
                    StoredAssessment.locator_key.is_(None),
                    StoredAssessment.corrects_id.is_(None),
                    StoredAssessment.id > last,
                )
                .order_by(StoredAssessment.id)
                .limit(_AT_ONCE)
            ).all()
            for row in rows:
                last = row.id
                pack = specs.get(row.system, row.spec_version)
                if pack is None:
                    continue
                _match(session, row, pack)
                if row.in_force:
                    row.locator_key = locator_key(row.system, row.ccn, own_locator(row.items, pack))
                    added += row.locator_key is not None
        if not rows:
            return added


def _match(session: Session, row: StoredAssessment, pack: Pack) -> None:
    """Let a correction take the place of the record that it corrects, or end it, if that can be found."""
    if row.transaction not in {_MODIFICATION, _INACTIVATION}:
        return
    corrected = find_version(session, row.system, row.ccn, corrected_locator(row.items, pack))
    if corrected is None or corrected.id > row.id:
        return
    correction = NewAssessment(
        record_number=row.record_number,
        system=row.system,
        spec_version=row.spec_version,
        ccn=row.ccn,
        summary=summarize(row.items, pack),
        items=row.items,
    )
    if not may_take_place(session, correction, corrected):
        return
    session.get_one(StoredAssessment, corrected.id).in_force = False
    # Of records in force no two may have one identity, not even for a moment.
    session.flush()
    row.corrects_id = corrected.id
    row.identity_key = identity_key(correction)

"""Giving records that were stored before revision 0002 what corrections find them by."""

from sqlalchemy import select

from iqies_flask.assessments.models import StoredAssessment
from iqies_flask.assessments.service import locator_key
from iqies_flask.database import write_transaction
from iqies_flask.specs.locator import own_locator
from iqies_flask.specs.registry import SpecRegistry

_AT_ONCE = 500


def add_missing_locators(specs: SpecRegistry) -> int:
    """Compute what finds the records in force that have nothing of the kind yet.

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
                    StoredAssessment.in_force,
                    StoredAssessment.locator_key.is_(None),
                    StoredAssessment.id > last,
                )
                .order_by(StoredAssessment.id)
                .limit(_AT_ONCE)
            ).all()
            for row in rows:
                last = row.id
                pack = specs.get(row.system, row.spec_version)
                if pack is not None:
                    row.locator_key = locator_key(row.system, row.ccn, own_locator(row.items, pack))
                    added += row.locator_key is not None
        if not rows:
            return added

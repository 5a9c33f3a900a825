from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from iqies_flask.access.models import Provider
from iqies_flask.assessments.locators import add_missing_locators
from iqies_flask.assessments.models import StoredAssessment
from iqies_flask.assessments.service import find_version
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.plugin import SpecRegistry, bundled_packs
from iqies_flask.specs.locator import own_locator
from iqies_flask.submissions.processing import process_submission
from tests.submissions.uploading import correction_of, mds, oasis, record_of, submit, zip_of


def test_records_stored_before_there_were_locators_are_found_afterwards(
    app: Flask, submitter: User, provider: Provider
) -> None:
    original = oasis(1)
    inactivated = (oasis(2), correction_of(oasis(2), "3", "01"))
    process_submission(submit(submitter, zip_of(original, *inactivated)).id)
    with write_transaction() as session:
        session.execute(update(StoredAssessment).values(locator_key=None))
    specs = SpecRegistry(bundled_packs("oasis"))
    (pack,) = specs.packs
    locator = own_locator(record_of(original), pack)
    assert find_version(db.session, "OASIS", provider.ccn, locator) is None
    assert add_missing_locators(SpecRegistry()) == 0
    assert add_missing_locators(specs) == 1
    assert add_missing_locators(specs) == 0
    assert find_version(db.session, "OASIS", provider.ccn, locator) is not None


@pytest.mark.parametrize("make", [oasis, mds], ids=["oasis", "mds"])
def test_corrections_stored_before_take_the_place_of_their_records(
    app: Flask, submitter: User, make: Callable[..., bytes]
) -> None:
    modified, inactivated = make(1), make(2)
    first, end = correction_of(modified, "2", "01"), correction_of(inactivated, "3", "01")
    process_submission(submit(submitter, zip_of(modified, first, inactivated, end)).id)
    with write_transaction() as session:
        # As revision 0001 left them: with their kind in their identity, and no more.
        for kind in ("2", "3"):
            beside = update(StoredAssessment).where(StoredAssessment.transaction == kind)
            session.execute(beside.values(identity_key=kind.encode() * 32))
        session.execute(
            update(StoredAssessment).values(
                corrects_id=None, locator_key=None, in_force=StoredAssessment.transaction != "3"
            )
        )
    specs = SpecRegistry([*bundled_packs("oasis"), *bundled_packs("mds")])
    add_missing_locators(specs)
    in_force = select(StoredAssessment.record_number).where(StoredAssessment.in_force)
    assert db.session.scalars(in_force).all() == [2]
    add_missing_locators(specs)
    assert db.session.scalars(in_force).all() == [2]
    # The next correction finds the last one, and what was ended may be sent anew.
    later = submit(submitter, zip_of(correction_of(first, "2", "02"), inactivated))
    process_submission(later.id)
    assert db.session.scalars(in_force.where(StoredAssessment.submission_id == later.id)).all() == [1, 2]

from flask import Flask
from sqlalchemy import update

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
from tests.submissions.uploading import correction_of, oasis, record_of, submit, zip_of


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

"""Milliseconds of the processor for pages that decide about requests, while the tables grow a hundredfold.

    python -m benchmarks.role_requests

The database is that of `benchmarks.access`, with requests that wait beside the roles, and the encrypted names
of those who ask. One request in ten is for the role of a Security Official, and one provider in ten has none.
The Security Official has a hundred providers, as one of a corporate group may. The pages are asked for whole,
signing in aside.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from benchmarks.access import GRANTS, PARTS, PROVIDERS, USERS, Row, ccn, demo_settings, fill, fill_registry
from benchmarks.machine import describe, use_one_core
from iqies_flask import create_app
from iqies_flask.access.models import OfficeGrant, RequestState, RoleGrant, RoleRequest
from iqies_flask.access.roles import Role
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import Person, User
from iqies_flask.identity.persons import EmailBasis, Profile
from iqies_flask.identity.sessions import service as sessions
from iqies_flask.identity.sessions.models import Level
from iqies_flask.migrations import runner

REQUESTS = 100_000
OFFICIAL, CMS_OFFICIAL = 1, 2
PROVIDERS_OF_OFFICIAL = 100
VACANT_OF, OFFICIALS_OF = 10, 10
TIMES = 20
PAGES = {"/officials/requests": OFFICIAL, "/officials/first-officials": CMS_OFFICIAL}


_ASKED_FOR = {False: Role.ASSESSMENT_SUBMITTER, True: Role.PROVIDER_SECURITY_OFFICIAL}


def persons(users: int) -> Iterator[Row]:
    """The rows of who asks and decides, each with a name."""
    for number in range(1, users + 1):
        profile = Profile(
            first_name="Sample",
            middle_initial="",
            last_name=f"Person {number}",
            birth_date=date(1980, 2, 29),
            email=f"person{number}@sample.example",
            phone="+12025550123",
            in_us=True,
            street="12 Sample Street",
            street2="",
            city="Sampleton",
            state="CT",
            zip="06001",
            country="US",
            email_basis=EmailBasis.CORPORATE,
        )
        yield {"user_id": number, "profile": profile.to_json()}


def requests(count: int, users: int, providers: int) -> Iterator[Row]:
    """The rows of requests that wait, each of another user or for another provider."""
    chosen, now = random.Random(3), utc_now()
    pairs = {(chosen.randint(3, users), chosen.randrange(providers)) for _ in range(count)}
    for number, (user, provider) in enumerate(sorted(pairs)):
        yield {
            "user_id": user,
            "ccn": ccn(provider),
            "role": _ASKED_FOR[number % OFFICIALS_OF == 0],
            "state": RequestState.PENDING,
            "requested_at": now,
        }


def signed_in(app: Flask, number: int) -> FlaskClient:
    """A browser in which somebody is signed in."""
    with write_transaction() as session:
        user = session.get_one(User, number)
        token = sessions.begin(session, user, Level.FULL, address="", browser="")
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    return client


def measure(part: int, folder: Path) -> str:
    """Fill a database with a part of everything, and give the row of the table."""
    counts = PROVIDERS // part, USERS // part, GRANTS // part
    settings = demo_settings(folder)
    runner.upgrade(settings.database_url)
    app = create_app(settings)
    with app.app_context():
        fill_registry(*counts)
        with db.engine.begin() as connection:
            official = [
                {"user_id": OFFICIAL, "ccn": ccn(number), "role": Role.PROVIDER_SECURITY_OFFICIAL}
                for number in range(PROVIDERS_OF_OFFICIAL)
            ]
            connection.execute(RoleGrant.__table__.delete().where(RoleGrant.user_id == OFFICIAL))
            fill(connection, RoleGrant, ({**row, "granted_at": utc_now()} for row in official))
            vacant = [ccn(number) for number in range(VACANT_OF - 1, counts[0], VACANT_OF)]
            is_official = RoleGrant.role == Role.PROVIDER_SECURITY_OFFICIAL
            connection.execute(RoleGrant.__table__.delete().where(RoleGrant.ccn.in_(vacant), is_official))
            fill(connection, OfficeGrant, [{"user_id": CMS_OFFICIAL, "role": Role.CMS_OFFICIAL}])
            fill(connection, Person, persons(counts[1]))
            fill(connection, RoleRequest, requests(REQUESTS // part, counts[1], counts[0]))
        clients = {page: signed_in(app, number) for page, number in PAGES.items()}
    taken = [milliseconds(client, page) for page, client in clients.items()]
    medians = " | ".join(f"{median:.0f}" for median in taken)
    return f"| {counts[0]:,} | {counts[1]:,} | {counts[2]:,} | {REQUESTS // part:,} | {medians} |"


def milliseconds(client: FlaskClient, page: str) -> float:
    """Ask for a page several times, and give the median of the time that the processor works on it."""
    taken = []
    for _ in range(TIMES + 1):
        begin = time.process_time()
        answer = client.get(page)
        taken.append((time.process_time() - begin) * 1e3)
        assert answer.status_code == 200, answer.status
        assert "Sample Person" in answer.text, "Nothing waits there."
    # The first one compiles the templates.
    return statistics.median(taken[1:])


def main() -> None:
    """Measure, and print the table."""
    use_one_core()
    print(describe())
    print()
    print("| Providers | Users | Roles | Requests that wait | Security Official, ms | CMS, ms |")
    print("|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        for part in PARTS:
            print(measure(part, Path(folder) / str(part)))


if __name__ == "__main__":
    main()

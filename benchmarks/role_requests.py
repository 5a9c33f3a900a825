"""Milliseconds for the page on which a Security Official decides, while the tables grow a hundredfold.

    python -m benchmarks.role_requests

The database is that of `benchmarks.access`, with requests that wait beside the roles. The official has a
hundred providers, as one of a corporate group may; the page is asked for whole, signing in aside.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from benchmarks.access import GRANTS, PARTS, PROVIDERS, USERS, Row, ccn, demo_settings, fill, fill_registry
from benchmarks.machine import describe, use_one_core
from iqies_flask import create_app
from iqies_flask.access.models import RequestState, RoleGrant, RoleRequest
from iqies_flask.access.roles import Role
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.sessions import service as sessions
from iqies_flask.identity.sessions.models import Level
from iqies_flask.migrations import runner

REQUESTS = 100_000
OFFICIAL = 1
PROVIDERS_OF_OFFICIAL = 100
TIMES = 20


def requests(count: int, users: int, providers: int) -> Iterator[Row]:
    """The rows of requests that wait, each of another user or for another provider."""
    chosen, now = random.Random(3), utc_now()
    pairs = {(chosen.randint(2, users), chosen.randrange(providers)) for _ in range(count)}
    for user, provider in sorted(pairs):
        yield {
            "user_id": user,
            "ccn": ccn(provider),
            "role": Role.ASSESSMENT_SUBMITTER,
            "state": RequestState.PENDING,
            "requested_at": now,
        }


def signed_in(app: Flask) -> FlaskClient:
    """A browser in which the official is signed in."""
    with write_transaction() as session:
        user = session.get_one(User, OFFICIAL)
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
            fill(connection, RoleRequest, requests(REQUESTS // part, counts[1], counts[0]))
        client = signed_in(app)
    taken = []
    for _ in range(TIMES + 1):
        begin = time.perf_counter()
        answer = client.get("/officials/requests")
        taken.append((time.perf_counter() - begin) * 1e3)
        assert answer.status_code == 200, answer.status
    # The first one compiles the templates.
    median = statistics.median(taken[1:])
    return f"| {counts[0]:,} | {counts[1]:,} | {counts[2]:,} | {REQUESTS // part:,} | {median:.0f} |"


def main() -> None:
    """Measure, and print the table."""
    use_one_core()
    print(describe())
    print()
    print("| Providers | Users | Roles | Requests that wait | Median, ms |")
    print("|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        for part in PARTS:
            print(measure(part, Path(folder) / str(part)))


if __name__ == "__main__":
    main()

"""Microseconds for one question of permission, while the tables grow a hundredfold.

    python -m benchmarks.access

A database of SQLite as the migrations make it, with providers, users and roles at a hundredth, a tenth and
all of the size of a national installation. Each question is asked in a session that has been in use, as every
request and every record of a submission asks it; half of those asked about hold a role for the provider.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import Connection, Table, insert

from benchmarks.machine import describe, use_one_core
from iqies_flask import create_app
from iqies_flask.access.actions import Action
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.models import Provider, RoleGrant
from iqies_flask.access.permission import may, may_anywhere, why_not
from iqies_flask.access.roles import Role
from iqies_flask.config import Environment, Settings
from iqies_flask.database import utc_now
from iqies_flask.extensions import db
from iqies_flask.identity.models import ProofingState, User
from iqies_flask.migrations import runner

PROVIDERS, USERS, GRANTS = 30_000, 200_000, 1_000_000
PARTS = (100, 10, 1)
QUESTIONS = 4_000
ROWS_AT_A_TIME = 20_000
ROLES = [role for role in Role if role.value.startswith(("provider_", "assessment_", "vendor_"))]

Row = dict[str, Any]


def ccn(number: int) -> str:
    """The CCN of a provider: nursing homes of state codes that fit."""
    return f"{1 + number // 1000:02}{5000 + number % 1000:04}"


def providers(count: int) -> Iterator[Row]:
    """The rows of providers."""
    for number in range(count):
        yield {
            "ccn": ccn(number),
            "name": f"Sample Provider {number}",
            "name_folded": f"sample provider {number}",
            "state": "CT",
            "facility_id": f"F{number}",
            "kind": ProviderKind.SKILLED_NURSING_FACILITY,
        }


def users(count: int) -> Iterator[Row]:
    """The rows of accounts."""
    for number in range(1, count + 1):
        yield {
            "id": number,
            "user_id": f"test.user{number}",
            "user_id_folded": f"test.user{number}",
            "password_hash": "",
            "proofing": ProofingState.PROVED,
            "handle": number.to_bytes(8, "big"),
        }


def grants(count: int, users: int, providers: int) -> Iterator[Row]:
    """The rows of roles: the same number for each user, for providers anywhere."""
    chosen, now = random.Random(1), utc_now()
    each = count // users
    for user in range(1, users + 1):
        for number in chosen.sample(range(providers), each):
            yield {"user_id": user, "ccn": ccn(number), "role": chosen.choice(ROLES), "granted_at": now}


def fill(connection: Connection, table: type[Any], rows: Iterable[Row]) -> None:
    """Insert rows, in portions."""
    target: Table = table.__table__
    left = iter(rows)
    while portion := list(islice(left, ROWS_AT_A_TIME)):
        connection.execute(insert(target), portion)


def fill_registry(provider_count: int, user_count: int, grant_count: int) -> None:
    """Fill the running application's database with providers, accounts and roles."""
    with db.engine.begin() as connection:
        fill(connection, Provider, providers(provider_count))
        fill(connection, User, users(user_count))
        fill(connection, RoleGrant, grants(grant_count, user_count, provider_count))


def demo_settings(folder: Path) -> Settings:
    """Settings of an installation in a folder of its own, with SQLite."""
    settings = Settings(
        environment=Environment.DEMO,
        instance_folder=folder,
        secret_key="s" * 48,
        encryption_keys=(Fernet.generate_key().decode(),),
        hash_key="h" * 48,
        https=False,
    )
    settings.make_instance_folder()
    return settings


def microseconds(question: Callable[[User, str], object], asked: list[tuple[User, str]]) -> list[float]:
    """Time each of some questions."""
    taken = []
    for user, provider in asked:
        begin = time.perf_counter()
        question(user, provider)
        taken.append((time.perf_counter() - begin) * 1e6)
    return taken


def questions(users: int, providers: int) -> list[tuple[User, str]]:
    """Whom to ask about: in turn somebody who holds a role for the provider, and somebody who hardly does."""
    chosen = random.Random(2)
    numbers = [chosen.randint(1, users) for _ in range(QUESTIONS)]
    asked = []
    for turn, number in enumerate(numbers):
        user = db.session.get_one(User, number)
        held = db.session.query(RoleGrant.ccn).filter_by(user_id=number).limit(1).scalar()
        asked.append((user, held if turn % 2 else ccn(chosen.randrange(providers))))
    return asked


QUESTION_KINDS: dict[str, Callable[[User, str], object]] = {
    "may, for a provider": lambda user, provider: may(user, Action.UPLOAD, provider),
    "may, in an office": lambda user, _: may(user, Action.VIEW_AUDIT_LOG),
    "may_anywhere": lambda user, _: may_anywhere(user, Action.VIEW_REPORTS),
    "why_not": lambda user, provider: why_not(user, Action.APPROVE_ROLES, provider),
}


def measure(part: int, folder: Path) -> list[str]:
    """Fill a database with a part of everything, and give the rows of the table."""
    counts = PROVIDERS // part, USERS // part, GRANTS // part
    settings = demo_settings(folder)
    runner.upgrade(settings.database_url)
    rows = []
    with create_app(settings).app_context():
        fill_registry(*counts)
        asked = questions(counts[1], counts[0])
        for name, question in QUESTION_KINDS.items():
            microseconds(question, asked)
            taken = sorted(microseconds(question, asked))
            rows.append(
                f"| {name} | {counts[0]:,} | {counts[1]:,} | {counts[2]:,} | {statistics.median(taken):.0f} "
                f"| {taken[len(taken) * 99 // 100]:.0f} |"
            )
    return rows


def main() -> None:
    """Measure, and print the table."""
    use_one_core()
    print(describe())
    print()
    print("| Question | Providers | Users | Roles | Median, µs | 99 of 100 within, µs |")
    print("|---|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        rows = [measure(part, Path(folder) / str(part)) for part in PARTS]
    for kind in zip(*rows, strict=True):
        print("\n".join(kind))


if __name__ == "__main__":
    main()

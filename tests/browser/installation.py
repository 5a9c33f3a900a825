"""A real installation for the browser tests: an operator's commands, in processes of their own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path

from flask import Flask
from sqlalchemy import select, update
from werkzeug.exceptions import default_exceptions

from iqies_flask import create_app
from iqies_flask.access.grants import appoint, grant
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.registry import add_provider
from iqies_flask.access.requests.service import submit
from iqies_flask.access.roles import Role
from iqies_flask.config import Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.identity import service as identity
from iqies_flask.identity.sessions.models import LoginSession
from tests.browsing import session_cookies
from tests.identity.proofing.persons import add_officer, add_person

HOLDING_PLUGIN = '''
"""Holds a submission at its third record for as long as a file is there."""

import time
from pathlib import Path

from iqies_flask.plugin import hookimpl

HOLD = Path(__file__).parent.parent / "hold"


@hookimpl
def validate(record, context):
    while record.number > 2 and HOLD.exists():
        time.sleep(0.02)
    return ()
'''

PATIENCE_SECONDS = 120
"""How long a process may take to start or to end."""

PASSWORD = "correct horse battery"
OASIS_CCN = "017001"
MDS_CCN = "015001"
PROVIDERS = (
    (OASIS_CCN, "Testville Home Health", "AL", "TESTHH01", ProviderKind.HOME_HEALTH_AGENCY),
    (MDS_CCN, "Testville Care Center", "AL", "TESTNH01", ProviderKind.SKILLED_NURSING_FACILITY),
)


class Installation:
    """An installation in a folder of its own, with providers, its web site running and its worker at hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        # Browsers give security keys to a name, never to a number.
        self.url = f"http://localhost:{port}"
        self._port = port
        self._hold = folder / "hold"
        self._environment = {
            name: value for name, value in os.environ.items() if not name.startswith("IQIES_")
        } | {
            "IQIES_ENVIRONMENT": "demo",
            "IQIES_SITE_URL": self.url,
            "IQIES_INSTANCE_FOLDER": str(folder / "instance"),
            "IQIES_PLUGIN_FOLDER": str(folder / "plugins"),
            "IQIES_PLUGIN_SECONDS": "600",
            "IQIES_BATCH_RECORDS": "1",
            "IQIES_SIGN_IN_LIMIT_USER": "3 per 5 minutes",
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        (folder / "plugins").mkdir()
        (folder / "plugins" / "holding.py").write_text(HOLDING_PLUGIN)

    def prepare(self) -> None:
        """Make the database and the providers, and start the web site."""
        self._start("database", "db", "upgrade")
        assert self._processes.pop("database").wait(PATIENCE_SECONDS) == 0, self._log("database")
        for provider in PROVIDERS:
            self._in_application(partial(add_provider, *provider))
        self._start("web", "web", "--port", str(self._port))
        self._wait_until(self._web_answers, "web")

    def add_user(self, user_id: str, *ccns: str, role: Role = Role.ASSESSMENT_SUBMITTER) -> None:
        """Make an account with the password `PASSWORD`, which holds a role for some providers."""

        def add() -> None:
            user = identity.create_user(user_id, PASSWORD)
            for ccn in ccns:
                grant(user, ccn, role)

        self._in_application(add)

    def session_cookies(self, user_id: str, sent: str) -> dict[str, str]:
        """Sign a person in wholly, in a browser that sends some cookies, and give those that it gets then."""
        cookies: dict[str, str] = {}
        self._in_application(lambda: cookies.update(session_cookies(self._application, user_id, sent=sent)))
        return cookies

    def let_time_pass(self, user_id: str, seconds: int, since_signing_in: int = 0) -> None:
        """Let a person's sessions have been used last some seconds earlier, and have begun earlier too."""

        def move() -> None:
            user = identity.find_user(user_id)
            assert user is not None
            with write_transaction() as session:
                for login in session.scalars(select(LoginSession).where(LoginSession.user_id == user.id)):
                    login.seen_at -= timedelta(seconds=seconds)
                    login.created_at -= timedelta(seconds=since_signing_in)

        self._in_application(move)

    def add_provider(self, ccn: str, name: str, facility_id: str) -> None:
        """Register a nursing home, for which nobody holds a role."""
        kind = ProviderKind.SKILLED_NURSING_FACILITY
        self._in_application(lambda: add_provider(ccn, name, "AL", facility_id, kind))

    def add_cms_official(self, user_id: str) -> None:
        """Make the account of an official of CMS."""
        self._in_application(lambda: appoint(identity.create_user(user_id, PASSWORD), Role.CMS_OFFICIAL))

    def add_applicant(self, user_id: str, ssn: str) -> None:
        """Make the account of somebody whose identity is not proved yet, and who has just registered."""
        self._in_application(lambda: add_person(user_id, ssn=ssn, token=user_id))

    def add_security_official(self, user_id: str, ccn: str) -> None:
        """Make the account of a Security Official."""

        def add() -> None:
            grant(identity.create_user(user_id, PASSWORD), ccn, Role.PROVIDER_SECURITY_OFFICIAL)

        self._in_application(add)

    def add_request(self, user_id: str, ccn: str, role: Role) -> None:
        """Make an account, without any role, that asks for one."""
        self._in_application(lambda: submit(identity.create_user(user_id, PASSWORD), role, [ccn]))

    def add_officer(self, user_id: str) -> None:
        """Make the account of a proofing officer."""
        self._in_application(lambda: add_officer(user_id))

    def add_registry_manager(self, user_id: str) -> None:
        """Make the account of somebody who looks after the registry of providers."""
        self._in_application(lambda: appoint(identity.create_user(user_id, PASSWORD), Role.REGISTRY_MANAGER))

    def end_sessions(self, user_id: str) -> None:
        """Sign a person out everywhere, as a new password does."""
        self._in_application(lambda: identity.set_password(user_id, PASSWORD))

    def age_proof(self, user_id: str) -> None:
        """Have it be an hour since a person gave a security key: sensitive actions ask for it again."""

        def move() -> None:
            user = identity.find_user(user_id)
            assert user is not None
            with write_transaction() as session:
                session.execute(
                    update(LoginSession)
                    .where(LoginSession.user_id == user.id)
                    .values(proved_at=utc_now() - timedelta(hours=1))
                )

        self._in_application(move)

    def error_page(self, status: int) -> str:
        """Give the page that the site shows on an error that cannot be brought about from outside."""
        pages: list[str] = []

        def make() -> None:
            with self._application.test_request_context():
                answer = self._application.handle_user_exception(default_exceptions[status]())
                pages.append(self._application.make_response(answer).get_data(as_text=True))

        self._in_application(make)
        return pages[0]

    def start_worker(self) -> None:
        """Start the worker, if it does not run, and wait until it can be stopped in order."""
        if "worker" not in self._processes:
            before = self._times_ready
            self._start("worker", "worker")
            self._wait_until(lambda: self._times_ready > before, "worker")
        assert self._processes["worker"].poll() is None, self._log("worker")

    def stop_worker(self) -> None:
        """Stop the worker, if it runs; submissions then stay where they are."""
        self.release()
        self._stop("worker")

    def hold(self) -> None:
        """Have the worker stay at the third record of a submission until `release`."""
        self._hold.touch()

    def release(self) -> None:
        """Undo `hold`."""
        self._hold.unlink(missing_ok=True)

    def close(self) -> None:
        """Stop everything."""
        self.stop_worker()
        self._stop("web")

    @cached_property
    def _application(self) -> Flask:
        return create_app(Settings.load(self._environment))

    def _in_application(self, function: Callable[[], object]) -> None:
        def run() -> None:
            with self._application.app_context():
                function()

        # Playwright's event loop runs in this thread, and an application context cannot end inside one.
        with ThreadPoolExecutor(1) as other_thread:
            other_thread.submit(run).result()

    def _start(self, name: str, *arguments: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        self._processes[name] = subprocess.Popen(
            [sys.executable, "-m", "iqies_flask.cli", *arguments],
            env=self._environment,
            stdout=log,
            stderr=log,
        )

    def _stop(self, name: str) -> None:
        process = self._processes.pop(name, None)
        if process is not None:
            process.terminate()
            assert process.wait(PATIENCE_SECONDS) == 0, self._log(name)

    def _log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    @property
    def _times_ready(self) -> int:
        log = self.folder / "worker.log"
        return log.read_text().count("Worker ready.") if log.exists() else 0

    def _web_answers(self) -> bool:
        try:
            urllib.request.urlopen(self.url + "/healthz", timeout=5).close()
        except OSError:
            return False
        return True

    def _wait_until(self, holds: Callable[[], bool], name: str) -> None:
        """Wait for what a process is to bring about. A machine that does much else may take its time."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < ends, self._log(name)
            assert self._processes[name].poll() is None, self._log(name)
            time.sleep(0.1)


@contextmanager
def running(folder: Path) -> Iterator[Installation]:
    """Make an installation in a folder, with its web site running; at the end its processes end."""
    installation = Installation(folder)
    try:
        installation.prepare()
        yield installation
    finally:
        installation.close()

"""Applications for tests. Making one takes longer than most tests do, so that they are shared."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from huey.storage import BaseSqlStorage
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine

from iqies_flask import create_app
from iqies_flask.config import Settings
from iqies_flask.extensions import db
from iqies_flask.queue import current_queue

_MOST = 8


class CompiledTemplates(BytecodeCache):
    """Keeps what Jinja has compiled, for the applications of all tests of a process."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


@dataclass(frozen=True)
class Shared:
    """An application that many tests use, and how it was when it was made."""

    settings: Settings
    app: Flask
    extensions: dict[str, Any]
    config: dict[str, Any]

    def restore(self) -> None:
        """Take back what a test gave it instead."""
        for now, at_first in ((self.app.extensions, self.extensions), (self.app.config, self.config)):
            now.clear()
            now.update(at_first)


class Applications:
    """The applications of a process's tests."""

    def __init__(self) -> None:
        self._templates = CompiledTemplates()
        self._shared: list[Shared] = []
        self._own: list[Flask] = []

    def of(self, settings: Settings) -> Flask:
        """Hand out the application with these settings; it is made if no test before had it.

        What a test puts into its configuration and extensions is taken back after the test.
        """
        for shared in self._shared:
            if shared.settings == settings:
                # The test before left no file behind.
                _queue(shared.app).initialize_schema()
                return shared.app
        app = self._make(settings)
        self._shared.append(Shared(settings, app, dict(app.extensions), dict(app.config)))
        return app

    def make(self, settings: Settings) -> Flask:
        """Make an application for one test, which may change its pages."""
        app = self._make(settings)
        self._own.append(app)
        return app

    def let_go(self) -> None:
        """Let no application hold a file or a lock of the test that has ended."""
        for app in self._own:
            _release(app)
        self._own.clear()
        for shared in self._shared:
            # A test may have given it another queue.
            _queue(shared.app).close()
            shared.restore()
            _queue(shared.app).close()
            # Connections to a server do no harm, and take long to make.
            if _engine(shared.app).dialect.name == "sqlite":
                _engine(shared.app).dispose()
        for shared in self._shared[:-_MOST]:
            _release(shared.app)
        del self._shared[:-_MOST]

    def _make(self, settings: Settings) -> Flask:
        app = create_app(settings)
        app.jinja_env.bytecode_cache = self._templates
        return app


def _release(app: Flask) -> None:
    _queue(app).close()
    _engine(app).dispose()


def _engine(app: Flask) -> Engine:
    with app.app_context():
        return db.engine


def _queue(app: Flask) -> BaseSqlStorage:
    with app.app_context():
        return current_queue().huey.storage

"""The Flask extensions, made once and bound to an application by `create_app`."""

from inspect import iscoroutinefunction

from flask import request
from flask.sansio.app import App
from flask_htmx import HTMX
from flask_limiter import Limiter
from flask_login import LoginManager
from flask_sqlalchemy_lite import SQLAlchemy
from flask_wtf.csrf import CSRFProtect

from iqies_flask.addresses import network_of


def network_of_request() -> str:
    """Where the request at hand is counted."""
    return network_of(request.remote_addr or "")


class Database(SQLAlchemy):
    """Flask-SQLAlchemy-Lite without its asynchronous sessions, which nothing here uses."""

    def init_app(self, app: App) -> None:
        """Bind it to an application."""
        super().init_app(app)
        # To close asynchronous sessions costs a thread and an event loop at the end of each request.
        app.teardown_appcontext_funcs[:] = [
            function for function in app.teardown_appcontext_funcs if not iscoroutinefunction(function)
        ]


db = Database(session_options={"expire_on_commit": False})
csrf = CSRFProtect()
htmx = HTMX()
login_manager = LoginManager()
limiter = Limiter(key_func=network_of_request)

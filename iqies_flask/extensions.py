"""The Flask extensions, made once and bound to an application by `create_app`."""

from flask import request
from flask_htmx import HTMX
from flask_limiter import Limiter
from flask_login import LoginManager
from flask_sqlalchemy_lite import SQLAlchemy
from flask_wtf.csrf import CSRFProtect

from iqies_flask.addresses import network_of


def network_of_request() -> str:
    """Where the request at hand is counted."""
    return network_of(request.remote_addr or "")


db = SQLAlchemy(session_options={"expire_on_commit": False})
csrf = CSRFProtect()
htmx = HTMX()
login_manager = LoginManager()
limiter = Limiter(key_func=network_of_request)

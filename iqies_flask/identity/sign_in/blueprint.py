"""The blueprint of all steps of signing in."""

from flask import Blueprint

blueprint = Blueprint("sign_in", __name__)

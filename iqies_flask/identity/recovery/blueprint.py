"""The blueprint of all ways back into an account."""

from flask import Blueprint

blueprint = Blueprint("recovery", __name__)

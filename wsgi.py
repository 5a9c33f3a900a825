"""Entry point for WSGI servers: ``wsgi:app``."""

from iqies_flask import create_app

app = create_app()

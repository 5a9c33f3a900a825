"""The names under which the site answers: a made-up one must not get into a link or a cache."""

from urllib.parse import urlsplit

from flask import Flask, abort, request

from iqies_flask.config import Environment, Settings

_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


def init_app(app: Flask, settings: Settings) -> None:
    """Refuse requests for other hosts than those of the settings. To be called before anything else asks.

    Flask's own ``TRUSTED_HOSTS`` refuses so early that no page of ours can be shown.
    """
    hosts = {host.lower() for host in (settings.site_host, *settings.trusted_hosts)}
    if settings.environment is Environment.DEMO:
        hosts |= _THIS_MACHINE

    @app.before_request
    def check_host() -> None:
        # Werkzeug leaves the host empty where its characters are no host's.
        if urlsplit(f"//{request.host}").hostname not in hosts:
            abort(400)

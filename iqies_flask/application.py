"""Putting the web application together."""

from datetime import timedelta

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from iqies_flask import (
    current,
    database,
    encryption,
    errors,
    hosts,
    logs,
    navigation,
    pages,
    plugin_host,
    queue,
    resources,
    security,
)
from iqies_flask.access import permission
from iqies_flask.access import tasks as access_tasks
from iqies_flask.access.offices.views import blueprint as offices
from iqies_flask.access.officials.views import blueprint as officials
from iqies_flask.access.providers.views import blueprint as providers
from iqies_flask.access.requests import tasks as role_request_tasks
from iqies_flask.access.requests import views as role_requests
from iqies_flask.access.requests.service import withdraw_of_shut
from iqies_flask.access.vacancy import tell_cms_of_shut
from iqies_flask.access.views import blueprint as access
from iqies_flask.catalogue import OWN_MESSAGES
from iqies_flask.config import Environment, Settings
from iqies_flask.extensions import csrf, htmx, limiter, login_manager
from iqies_flask.form_limits import MOST_PARTS, FormRequest
from iqies_flask.identity.profile.views import blueprint as profile
from iqies_flask.identity.proofing.views import blueprint as proofing
from iqies_flask.identity.recovery import code_views as _code_views  # noqa: F401 - registers its pages
from iqies_flask.identity.recovery import views as _recovery_views  # noqa: F401 - likewise
from iqies_flask.identity.recovery.blueprint import blueprint as recovery
from iqies_flask.identity.registration import tasks as registration_tasks
from iqies_flask.identity.registration.service import LIFETIME as REGISTRATION_LIFETIME
from iqies_flask.identity.registration.service import throw_away as throw_away_registration
from iqies_flask.identity.registration.views import blueprint as registration
from iqies_flask.identity.security_keys.views import blueprint as security_keys
from iqies_flask.identity.service import when_shut
from iqies_flask.identity.sessions.views import blueprint as sessions
from iqies_flask.identity.sign_in import gate
from iqies_flask.identity.sign_in import key_views as _key_views  # noqa: F401 - registers its pages
from iqies_flask.identity.sign_in import views as _sign_in_views  # noqa: F401 - likewise
from iqies_flask.identity.sign_in.blueprint import blueprint as sign_in
from iqies_flask.mail import tasks as mail_tasks
from iqies_flask.mail.views import blueprint as demo
from iqies_flask.reference import links as reference_links
from iqies_flask.reference import service as reference_service
from iqies_flask.reference import words as reference_words
from iqies_flask.reference.views import blueprint as reference
from iqies_flask.service_center import audit_views as _audit_views  # noqa: F401 - registers its pages
from iqies_flask.service_center import proofing_views as _proofing_views  # noqa: F401 - likewise
from iqies_flask.service_center.blueprint import blueprint as service_center
from iqies_flask.submissions import tasks as submission_tasks
from iqies_flask.submissions.views import blueprint as submissions
from iqies_flask.vut import places as check_places
from iqies_flask.vut.api import blueprint as vut_api
from iqies_flask.vut.views import blueprint as vut

_AFTER_SESSION = timedelta(hours=1)


def assemble(settings: Settings) -> Flask:
    """Make the application of an installation.

    Args:
        settings: Its settings.
    """
    logs.configure(settings.log_level)
    settings.make_instance_folder()
    app = Flask(
        "iqies_flask",
        instance_path=str(settings.instance_folder),
        template_folder=str(resources.templates_folder()),
        static_folder=str(resources.static_folder()),
        static_url_path="/static",
    )
    app.config.update(_flask_configuration(settings))
    app.request_class = FormRequest
    current.init_app(app, settings)
    app.jinja_options["trim_blocks"] = True
    app.jinja_options["lstrip_blocks"] = True

    hosts.init_app(app, settings)
    encryption.init_app(app, encryption.Vault(settings.encryption_keys, settings.hash_key))
    database.init_app(app, settings.database_url)
    queue.init_app(app, settings)
    submission_tasks.init_app(app)
    mail_tasks.init_app(app)
    registration_tasks.init_app(app)
    role_request_tasks.init_app(app)
    access_tasks.init_app(app)
    csrf.init_app(app)
    htmx.init_app(app)
    login_manager.init_app(app)
    gate.init_app(app)
    limiter.init_app(app)
    security.init_app(app, https=settings.https)
    errors.init_app(app, settings.limits.upload_bytes)
    pages.init_app(app, settings)
    permission.init_app(app, settings)
    when_shut(app, throw_away_registration)
    when_shut(app, tell_cms_of_shut)
    when_shut(app, withdraw_of_shut)
    plugin_host.init_app(app, settings)
    navigation.init_app(app)
    role_requests.init_app(app)
    reference_service.init_app(app, OWN_MESSAGES)
    reference_links.init_app(app)
    reference_words.init_app(app)
    check_places.init_app(app, settings.vut_at_once)
    _register_pages(app, settings)

    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def _register_pages(app: Flask, settings: Settings) -> None:
    app.register_blueprint(registration)
    app.register_blueprint(sessions)
    app.register_blueprint(sign_in)
    app.register_blueprint(proofing)
    app.register_blueprint(security_keys)
    app.register_blueprint(recovery)
    app.register_blueprint(profile)
    app.register_blueprint(role_requests.blueprint)
    app.register_blueprint(access)
    app.register_blueprint(providers)
    app.register_blueprint(submissions)
    app.register_blueprint(officials)
    app.register_blueprint(offices)
    app.register_blueprint(service_center)
    app.register_blueprint(vut)
    app.register_blueprint(reference)
    # Called by programs, without a session that anything could be done in the name of.
    csrf.exempt(vut_api)
    app.register_blueprint(vut_api)
    if settings.environment is Environment.DEMO:
        app.register_blueprint(demo)


def _flask_configuration(settings: Settings) -> dict[str, object]:
    # A registration lives in it as well.
    cookie_lifetime = max(timedelta(hours=settings.session_hours) + _AFTER_SESSION, REGISTRATION_LIFETIME)
    return {
        "SECRET_KEY": settings.secret_key,
        "MAX_CONTENT_LENGTH": settings.request_bytes,
        "MAX_FORM_PARTS": MOST_PARTS,
        "SESSION_COOKIE_NAME": "__Host-session" if settings.https else "session",
        "SESSION_COOKIE_SECURE": settings.https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        # The database knows when a session ends. The cookie lives on, so that a form that comes too late is
        # known to be of this browser, and can be kept.
        "PERMANENT_SESSION_LIFETIME": cookie_lifetime,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_TIME_LIMIT": cookie_lifetime.total_seconds(),
        "WTF_CSRF_SSL_STRICT": settings.https,
        "RATELIMIT_STORAGE_URI": "memory://",
    }

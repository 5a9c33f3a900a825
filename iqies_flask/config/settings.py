"""The settings of an installation."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from iqies_flask.config import demo_keys, reading
from iqies_flask.config.checks import databases, keys, mail, notations, numbers, site
from iqies_flask.config.environment import Environment
from iqies_flask.config.instance_folder import make_instance_folder
from iqies_flask.pipeline.limits import IntakeLimits

PLUGIN_SECONDS = 5.0
# What a form's other fields and the boundaries of its parts may add to the file.
_FORM_OVERHEAD_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings. ``docs/configuration.md`` describes each under the same name.

    In the environment a setting's name is in upper case after ``IQIES_`` (``IQIES_TIME_ZONE``), one of the
    intake limits after ``IQIES_LIMITS_`` (``IQIES_LIMITS_UPLOAD_BYTES``). In the TOML file that
    ``IQIES_CONFIG`` names it is a key, the limits and the plugin options are tables. The environment wins.

    Attributes:
        environment: ``production`` refuses to start without keys of its own; ``demo`` makes them.
        instance_folder: Where everything is kept that the installation writes.
        database_url: SQLAlchemy URL; empty for SQLite in the instance folder.
        queue_url: URL of the work queue, ``postgresql://``; empty for SQLite likewise.
        secret_key: Signs the session cookies; at least 32 characters.
        encryption_keys: Fernet keys for what is stored encrypted. The first encrypts, all decrypt.
        hash_key: Key of the hashes that match encrypted values; at least 32 characters. Never change it.
        https: The site is reached over HTTPS: cookies are Secure and HSTS is sent.
        trusted_proxies: Reverse proxies in front whose X-Forwarded headers are believed.
        time_zone: IANA name of the zone in which times are shown and "today" is reckoned.
        site_url: Address of the site as its users type it, for links in e-mails and for security keys; never
            taken from a request. In a demonstration ``http://localhost:8000`` unless set.
        trusted_hosts: Further host names under which the site answers, such as a monitor's.
        webauthn_rp_id: Domain that security keys are bound to; empty for the host of `site_url`. Changing it
            makes every key worthless.
        webauthn_origins: Origins whose pages may ask for keys; empty for that of `site_url`.
        mail_url: Where e-mail goes: ``smtp://`` or ``smtps://`` with user, password, host and port; empty
            for files in the instance folder.
        mail_from: Address that e-mail comes from.
        mail_days: Days after which an e-mail that was sent is deleted from the outbox.
        service_center_name: What the site's help desk is called, to whom pages and e-mails send people.
        service_center_phone: Its telephone number, as it is shown; may be empty.
        service_center_email: Its e-mail address; may be empty.
        session_minutes: Minutes in which a user does nothing, after which he or she must sign in again.
        session_hours: Hours after which a user must sign in again in any case.
        step_up_minutes: Minutes for which a security key that was given allows sensitive actions.
        passkey_sign_in: A passkey that verified its user signs in without user ID and password.
        matrix_file: The operator's own permission matrix; empty for the one that comes with the product.
        role_reminder_days: Days after which those who must decide about a request for a role are reminded.
        role_escalation_days: Days after which CMS is told that nobody has decided.
        role_request_days: Days after which a request that nobody has decided expires.
        role_requests_per_provider: Times that one user may ask within 24 hours for a role for one provider.
        role_requests_per_day: Roles that one user may ask for within 24 hours, for all providers together.
        recertify_days: Days after which an official says again whether a role is still needed.
        inactive_days: Days without signing in after which the roles of a user end.
        inactive_warnings: Days after which the user is warned of that by e-mail.
        proofing_attempts: Times that a person may try to prove the own identity with one method.
        proofing_retry_minutes: Minutes between two of these.
        sign_in_limit_address: Sign-in attempts allowed from one address, in Flask-Limiter's notation.
        sign_in_limit_user: Sign-in attempts allowed for one user ID from one address, in the same notation.
        vut_limit_address: Files that the Validation Utility Tool checks for one address, likewise.
        vut_at_once: Files that it checks at a time; at most half of them come from one address.
        worker_count: Submissions that one worker process works on at a time.
        batch_records: Records after which a worker commits what it has done.
        lease_seconds: Seconds without progress after which another worker takes a submission over.
        attempts: Times that a submission is tried without any progress before it waits for an operator.
        retry_seconds: Seconds from an error of ours to the next attempt; doubled with each further one.
        pbj_spool: Folder in which Payroll Based Journal files are left for the QIES gateway.
        plugin_folder: Folder with the operator's own plugins; empty for none.
        plugin_seconds: Seconds that one call of a plugin may take.
        plugin_options: Options of plugins: plugin name to option to value.
        packs_folder: Folder with the specification packs that were imported; empty for none.
        log_level: Least level of the messages written to the log: DEBUG, INFO, WARNING or ERROR.
        limits: Bounds on what is taken in.
    """

    environment: Environment = Environment.PRODUCTION
    instance_folder: Path = Path("instance")
    database_url: str = ""
    queue_url: str = ""
    secret_key: str = field(default="", repr=False)
    encryption_keys: tuple[str, ...] = field(default=(), repr=False)
    hash_key: str = field(default="", repr=False)
    https: bool = True
    trusted_proxies: int = 0
    time_zone: str = "UTC"
    site_url: str = ""
    trusted_hosts: tuple[str, ...] = ()
    webauthn_rp_id: str = ""
    webauthn_origins: tuple[str, ...] = ()
    mail_url: str = field(default="", repr=False)
    mail_from: str = "iQIES Flask <no-reply@localhost>"
    mail_days: int = 30
    service_center_name: str = "Service Center"
    service_center_phone: str = ""
    service_center_email: str = ""
    session_minutes: int = 15
    session_hours: int = 12
    step_up_minutes: int = 10
    passkey_sign_in: bool = True
    matrix_file: Path | None = None
    role_reminder_days: int = 3
    role_escalation_days: int = 7
    role_request_days: int = 60
    role_requests_per_provider: int = 5
    role_requests_per_day: int = 2000
    recertify_days: int = 365
    inactive_days: int = 60
    inactive_warnings: tuple[int, ...] = (45, 55)
    proofing_attempts: int = 3
    proofing_retry_minutes: int = 60
    sign_in_limit_address: str = "30 per minute"
    sign_in_limit_user: str = "10 per 5 minutes"
    vut_limit_address: str = "60 per minute"
    vut_at_once: int = 4
    worker_count: int = 1
    batch_records: int = 50
    lease_seconds: int = 60
    attempts: int = 5
    retry_seconds: int = 10
    pbj_spool: Path = Path("pbj-spool")
    plugin_folder: Path | None = None
    plugin_seconds: float = PLUGIN_SECONDS
    plugin_options: dict[str, dict[str, Any]] = field(default_factory=dict)
    packs_folder: Path | None = None
    log_level: str = "INFO"
    limits: IntakeLimits = field(default_factory=IntakeLimits)

    def __post_init__(self) -> None:
        """Complete what follows from other settings, and check what can be wrong.

        Raises:
            SettingsError: A value is unusable.
        """
        instance = self.instance_folder.resolve()
        _set(self, "instance_folder", instance)
        _set(self, "pbj_spool", instance / self.pbj_spool)
        _set(self, "database_url", databases.database_url(self.database_url, instance))
        _set(self, "site_url", site.site_url(self.site_url, self.environment))
        _set(self, "webauthn_rp_id", site.webauthn_rp_id(self.webauthn_rp_id))
        _set(self, "webauthn_origins", site.webauthn_origins(self.webauthn_origins, self.environment))
        for subject in (numbers, notations, site, mail, databases, keys):
            subject.check(self)

    @property
    def site_host(self) -> str:
        """The host name of the site, without port."""
        return urlsplit(self.site_url).hostname or ""

    @property
    def rp_id(self) -> str:
        """The domain that security keys are bound to."""
        return self.webauthn_rp_id or self.site_host

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins whose pages may ask for security keys."""
        return self.webauthn_origins or (self.site_url,)

    @property
    def request_bytes(self) -> int:
        """Size of the largest request, in bytes: an upload and the rest of its form."""
        return self.limits.upload_bytes + _FORM_OVERHEAD_BYTES

    @property
    def zone(self) -> ZoneInfo:
        """The time zone for display."""
        return ZoneInfo(self.time_zone)

    def make_instance_folder(self) -> None:
        """Make the instance folder, if it is not there, so that nobody but its owner can look into it.

        Raises:
            SettingsError: It cannot be made.
        """
        make_instance_folder(self.instance_folder)

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings.

        Args:
            environ: The environment to read; the process's own by default.

        Raises:
            SettingsError: A setting is missing, unknown or unusable.
        """
        environ = os.environ if environ is None else environ
        given = reading.read(environ, DEFAULTS)
        if "database_url" not in given and environ.get("DATABASE_URL"):
            given["database_url"] = environ["DATABASE_URL"]
        if given.get("environment") == Environment.DEMO:
            given.setdefault("https", False)
            folder = Path(given.get("instance_folder", DEFAULTS["instance_folder"]))
            given = {**demo_keys.read_or_make(folder, DEFAULTS), **given}
        return cls(**given)


def _set(settings: Settings, name: str, value: object) -> None:
    # The dataclass is frozen for everybody else.
    object.__setattr__(settings, name, value)


# No instance of the class can be made without keys, so the defaults are read off its fields.
DEFAULTS: dict[str, Any] = {entry.name: entry.default for entry in fields(Settings)}

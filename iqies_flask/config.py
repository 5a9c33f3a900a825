"""Every setting of an installation, read once from the environment or from a TOML file.

Commands that only check files read some of them, too, and must not wait for what checks the others: that is
imported where it is used.
"""

import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import parseaddr
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from iqies_flask.origins import OriginError, host_name, is_number, origin_of
from iqies_flask.pipeline.limits import IntakeLimits

PREFIX = "IQIES_"
CONFIG_VARIABLE = "IQIES_CONFIG"
_LIMITS_PREFIX = "IQIES_LIMITS_"
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}
_LEAST_SECRET_CHARACTERS = 32
_QUEUE_SCHEME = "postgresql://"
_DATABASE_SCHEMES = ("sqlite:///", "postgresql+psycopg://")
_MAIL_SCHEMES = {"smtp", "smtps"}
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
# What a form's other fields and the boundaries of its parts may add to the file.
_FORM_OVERHEAD_BYTES = 64 * 1024
_TABLES = {"limits", "plugin_options"}
_SECRETS = {"secret_key", "encryption_keys", "hash_key", "mail_url"}
_DEMO_SITE = "http://localhost:8000"
_HOST = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")
_PLUGIN_SECONDS = 5.0
_LONGEST = {"days": 36_500, "hours": 876_000, "minutes": 52_560_000, "seconds": 3_153_600_000}
"""By the last word of a setting's name: longer times lead beyond the calendar."""

_RATE_LIMIT = "_limit_"
"""What the names of all settings in Flask-Limiter's notation have in them."""


class SettingsError(ValueError):
    """A setting is missing or wrong; the message says which one and what to do."""


class Environment(StrEnum):
    """What the installation is for."""

    PRODUCTION = "production"
    DEMO = "demo"


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
    plugin_seconds: float = _PLUGIN_SECONDS
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
        _set(self, "database_url", _database_url(self.database_url, instance))
        _set(self, "site_url", _site_url(self.site_url, self.environment))
        _set(self, "webauthn_rp_id", _webauthn_rp_id(self.webauthn_rp_id))
        _set(self, "webauthn_origins", _webauthn_origins(self.webauthn_origins, self.environment))
        _check_numbers(self)
        _check_inactivity(self)
        _check_rate_limits(self)
        _check_webauthn(self)
        _check_mail(self)
        _check_service_center(self)
        _check_trusted_hosts(self)
        _check_time_zone(self.time_zone)
        if self.queue_url and not self.queue_url.startswith(_QUEUE_SCHEME):
            raise SettingsError(f"{_variable('queue_url')} must be empty or start with {_QUEUE_SCHEME}.")
        for name in ("database_url", "queue_url"):
            _check_port(self, name)
        if self.log_level not in _LOG_LEVELS:
            raise SettingsError(f"{_variable('log_level')} must be one of {', '.join(_LOG_LEVELS)}.")
        _check_keys(self)

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
        _make_instance_folder(self.instance_folder)

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings.

        Args:
            environ: The environment to read; the process's own by default.

        Raises:
            SettingsError: A setting is missing, unknown or unusable.
        """
        environ = os.environ if environ is None else environ
        given = _given(environ)
        if "database_url" not in given and environ.get("DATABASE_URL"):
            given["database_url"] = environ["DATABASE_URL"]
        if given.get("environment") == Environment.DEMO:
            given.setdefault("https", False)
            folder = Path(given.get("instance_folder", _DEFAULTS["instance_folder"]))
            given = {**_demo_keys(folder), **given}
        return cls(**given)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineSettings:
    """The settings by which files are checked without an installation: neither keys nor a database needed.

    Attributes:
        time_zone: As in `Settings`; empty for the machine's own.
        plugin_folder: As in `Settings`, and so are the others.
    """

    time_zone: str = ""
    plugin_folder: Path | None = None
    plugin_seconds: float = _PLUGIN_SECONDS
    plugin_options: dict[str, dict[str, Any]] = field(default_factory=dict)
    packs_folder: Path | None = None
    limits: IntakeLimits = field(default_factory=IntakeLimits)

    def __post_init__(self) -> None:
        """Check what can be wrong.

        Raises:
            SettingsError: A value is unusable.
        """
        if self.time_zone:
            _check_time_zone(self.time_zone)
        _check_plugin_seconds(self.plugin_seconds)

    @property
    def zone(self) -> ZoneInfo | None:
        """The time zone in which "today" is reckoned; None for the machine's own."""
        return ZoneInfo(self.time_zone) if self.time_zone else None

    @classmethod
    def load(cls) -> "OfflineSettings":
        """Read them from the process's environment and the file that it names.

        Raises:
            SettingsError: A setting is unknown or unusable.
        """
        given = _given(os.environ)
        return cls(**{entry.name: given[entry.name] for entry in fields(cls) if entry.name in given})


def _given(environ: Mapping[str, str]) -> dict[str, Any]:
    """Read what is set, from the file and over it from the environment."""
    given = _from_file(environ.get(CONFIG_VARIABLE, ""))
    given.update(_from_environment(environ))
    limits = {**given.pop("limits", {}), **_limits_from_environment(environ)}
    given["limits"] = IntakeLimits(**limits)
    return given


def _set(settings: Settings, name: str, value: object) -> None:
    # The dataclass is frozen for everybody else.
    object.__setattr__(settings, name, value)


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _make_instance_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"{_variable('instance_folder')} names {folder}, which cannot be made: {error.strerror}."
        ) from None


def _database_url(url: str, instance: Path) -> str:
    if not url:
        return f"sqlite:///{instance / 'iqies.db'}"
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            url = "postgresql+psycopg://" + url.removeprefix(scheme)
    if not url.startswith(_DATABASE_SCHEMES):
        # The URL is not shown: it holds a password.
        raise SettingsError(f"{_variable('database_url')} must be empty or start with postgresql://.")
    return url


def _check_numbers(settings: Settings) -> None:
    least = {
        **dict.fromkeys(("worker_count", "batch_records", "lease_seconds", "attempts"), 1),
        **dict.fromkeys(("session_minutes", "session_hours", "step_up_minutes", "proofing_attempts"), 1),
        **dict.fromkeys(("role_reminder_days", "role_escalation_days", "role_request_days"), 1),
        **dict.fromkeys(("role_requests_per_provider", "role_requests_per_day", "recertify_days"), 1),
        "mail_days": 1,
        "inactive_days": 1,
        "vut_at_once": 1,
        "proofing_retry_minutes": 0,
        **dict.fromkeys(("trusted_proxies", "retry_seconds"), 0),
    }
    for name, minimum in least.items():
        if getattr(settings, name) < minimum:
            raise SettingsError(f"{_variable(name)} must be {minimum} or more.")
    _check_plugin_seconds(settings.plugin_seconds)

    for name, value in ((entry.name, getattr(settings, entry.name)) for entry in fields(settings)):
        most = _LONGEST.get(name.rpartition("_")[2])
        if most is not None and isinstance(value, int | float) and value > most:
            raise SettingsError(f"{_variable(name)} must be {most:,} or less, which is a hundred years.")


def _check_inactivity(settings: Settings) -> None:
    warnings = settings.inactive_warnings
    if list(warnings) != sorted(set(warnings)) or any(
        not 0 < day < settings.inactive_days for day in warnings
    ):
        raise SettingsError(
            f"{_variable('inactive_warnings')} must be days in their order, each between 0 and"
            f" {_variable('inactive_days')} ({settings.inactive_days}), such as 45,55."
        )


def _site_url(url: str, environment: Environment) -> str:
    if not url and environment is Environment.DEMO:
        return _DEMO_SITE
    try:
        origin = origin_of(url)
    except OriginError as error:
        problem = str(error)
    else:
        problem = _problem_in_production(origin) if environment is Environment.PRODUCTION else ""
    if problem:
        raise SettingsError(
            f"{_variable('site_url')} must be the address of the site, such as https://iqies.example.org:"
            f" {problem}. It stands in e-mails, and security keys are bound to it."
        )
    return origin


def _webauthn_origins(urls: tuple[str, ...], environment: Environment) -> tuple[str, ...]:
    origins = []
    for number, url in enumerate(urls, start=1):
        try:
            origins.append(origin_of(url))
        except OriginError as error:
            problem = str(error)
        else:
            problem = _problem_in_production(origins[-1]) if environment is Environment.PRODUCTION else ""
        if problem:
            raise SettingsError(
                f"Entry {number} of {_variable('webauthn_origins')} must be like https://iqies.example.org:"
                f" {problem}."
            )
    return tuple(origins)


def _webauthn_rp_id(domain: str) -> str:
    try:
        return host_name(domain) if domain else ""
    except OriginError:
        raise SettingsError(
            f"{_variable('webauthn_rp_id')} is {domain!r}, and must be a domain such as example.org."
        ) from None


def _problem_in_production(origin: str) -> str:
    parts = urlsplit(origin)
    if parts.scheme != "https":
        return "browsers give security keys over https:// only"
    if is_number(parts.hostname or ""):
        return "browsers give security keys to a name, not to a number"
    return ""


def _check_webauthn(settings: Settings) -> None:
    for origin in settings.origins:
        host = urlsplit(origin).hostname or ""
        if host == settings.rp_id:
            continue
        if not host.endswith(f".{settings.rp_id}"):
            raise SettingsError(
                f"{_variable('webauthn_origins')} names {origin!r}, which does not belong to the domain "
                f"{settings.rp_id!r} that security keys are bound to ({_variable('webauthn_rp_id')})."
            )
        if "." not in settings.rp_id:
            raise SettingsError(
                f"{_variable('webauthn_rp_id')} is {settings.rp_id!r}, which belongs to everybody: browsers "
                f"bind no security key to it. It can be {host!r}, or a domain above that"
                " which has a name of its own."
            )


def _check_mail(settings: Settings) -> None:
    parts = urlsplit(settings.mail_url)
    try:
        usable = parts.scheme in _MAIL_SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if settings.mail_url and not usable:
        # The URL is not shown: it holds a password.
        raise SettingsError(
            f"{_variable('mail_url')} must be empty or like smtp://user:password@host:587 or "
            "smtps://user:password@host:465."
        )
    try:
        Address(addr_spec=parseaddr(settings.mail_from)[1])
        if not settings.mail_from.isprintable():
            raise ValueError
    except (IndexError, ValueError):
        raise SettingsError(
            f"{_variable('mail_from')} is {settings.mail_from!r}, and must be an address such as "
            "'iQIES Flask <no-reply@example.org>'."
        ) from None


def _check_plugin_seconds(seconds: float) -> None:
    if not seconds > 0:
        raise SettingsError(f"{_variable('plugin_seconds')} must be more than 0.")


def _check_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise SettingsError(
            f"{_variable('time_zone')} is {name!r}, which is no IANA time zone such as America/New_York."
        ) from None


def _check_trusted_hosts(settings: Settings) -> None:
    for host in settings.trusted_hosts:
        if not _HOST.fullmatch(host) and not _is_address(host):
            raise SettingsError(
                f"{_variable('trusted_hosts')} names {host!r}. It must hold names or addresses of hosts,"
                " without https:// and port, such as monitor.example.org."
            )


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _check_port(settings: Settings, name: str) -> None:
    try:
        usable = urlsplit(getattr(settings, name)).port != 0
    except ValueError:
        usable = False
    if not usable:
        # The URL is not shown: it holds a password.
        raise SettingsError(
            f"The host or the port in {_variable(name)} cannot be read. It must be like"
            " postgresql://user:password@host:5432/name; what is special in the password is written as %40"
            " and the like."
        )


def _check_rate_limits(settings: Settings) -> None:
    from limits import parse_many  # noqa: PLC0415

    for name in (entry.name for entry in fields(settings) if _RATE_LIMIT in entry.name):
        try:
            parse_many(getattr(settings, name))
        except ValueError:
            # Left to Flask-Limiter, a limit that it cannot read would be no limit.
            raise SettingsError(
                f"{_variable(name)} is {getattr(settings, name)!r}, and must be like '10 per 5 minutes'."
            ) from None


def _check_service_center(settings: Settings) -> None:
    for name in ("service_center_name", "service_center_phone"):
        if not getattr(settings, name).isprintable():
            raise SettingsError(f"{_variable(name)} must be one line of text.")
    if not settings.service_center_name:
        raise SettingsError(f"{_variable('service_center_name')} must not be empty.")
    if settings.service_center_email:
        try:
            Address(addr_spec=settings.service_center_email)
        except (ValueError, IndexError, HeaderParseError):
            raise SettingsError(
                f"{_variable('service_center_email')} is {settings.service_center_email!r}, and must be an"
                " address such as help@iqies.example.org."
            ) from None


def _check_keys(settings: Settings) -> None:
    from cryptography.fernet import Fernet  # noqa: PLC0415

    hint = "python -c 'import secrets; print(secrets.token_urlsafe(48))'"
    for name in ("secret_key", "hash_key"):
        if len(getattr(settings, name)) < _LEAST_SECRET_CHARACTERS:
            raise SettingsError(
                f"{_variable(name)} must be set to at least {_LEAST_SECRET_CHARACTERS} random characters. "
                f"Make some with: {hint}. To try the product out, set IQIES_ENVIRONMENT=demo instead."
            )
    fernet_hint = "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
    if not settings.encryption_keys:
        raise SettingsError(f"IQIES_ENCRYPTION_KEYS must hold at least one key. Make one with: {fernet_hint}")
    for number, key in enumerate(settings.encryption_keys, start=1):
        try:
            Fernet(key)
        except ValueError:
            raise SettingsError(
                f"Key {number} of IQIES_ENCRYPTION_KEYS is not a Fernet key. Make one with: {fernet_hint}"
            ) from None


def _from_file(name: str) -> dict[str, Any]:
    if not name:
        return {}
    try:
        with Path(name).open("rb") as stream:
            table = tomllib.load(stream)
    except OSError as error:
        raise SettingsError(
            f"{CONFIG_VARIABLE} names {name}, which cannot be read: {error.strerror}."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name} is not valid TOML: {error}.") from None
    known = {entry.name: entry for entry in fields(Settings)}
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise SettingsError(f"{name} has settings that do not exist: {', '.join(unknown)}.")
    return {key: _convert(key, value) for key, value in table.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    known = {_variable(entry.name): entry.name for entry in fields(Settings) if entry.name not in _TABLES}
    given: dict[str, Any] = {}
    for variable, value in environ.items():
        if variable in known:
            given[known[variable]] = _convert(known[variable], value)
        elif variable.startswith(_LIMITS_PREFIX) or variable == CONFIG_VARIABLE:
            continue
        elif variable.startswith(PREFIX):
            raise SettingsError(f"There is no setting {variable}. docs/configuration.md lists them all.")
    return given


def _limits_from_environment(environ: Mapping[str, str]) -> dict[str, int]:
    return _limits(
        {
            variable.removeprefix(_LIMITS_PREFIX).lower(): value
            for variable, value in environ.items()
            if variable.startswith(_LIMITS_PREFIX)
        }
    )


def _convert(name: str, value: Any) -> Any:  # noqa: PLR0911 - one return for each kind of setting
    """Turn a text (environment) or a TOML value into the setting's type."""
    default = _DEFAULTS[name]
    try:
        if name == "environment":
            return Environment(value)
        if name == "limits":
            return _limits(value)
        if name in {"encryption_keys", "trusted_hosts", "webauthn_origins"}:
            keys = value.split(",") if isinstance(value, str) else value
            return tuple(key.strip() for key in keys if key.strip())
        if name == "inactive_warnings":
            return tuple(int(day) for day in (value.split(",") if isinstance(value, str) else value) if day)
        if name == "plugin_options":
            return {str(plugin): dict(options) for plugin, options in value.items()}
        if name in {"matrix_file", "plugin_folder", "packs_folder"}:
            return Path(value) if value else None
        if isinstance(default, bool):
            return _boolean(value)
        return type(default)(value)
    except (AttributeError, TypeError, ValueError):
        shown = "a value" if name in _SECRETS else f"the value {value!r}"
        raise SettingsError(f"{_variable(name)} has {shown} that cannot be used.") from None


def _boolean(value: Any) -> bool:
    text = str(value).strip().lower()
    if text not in _TRUE | _FALSE:
        raise ValueError(text)
    return text in _TRUE


def _limits(values: Mapping[str, Any]) -> dict[str, int]:
    known = {entry.name for entry in fields(IntakeLimits)}
    numbers: dict[str, int] = {}
    for name, value in values.items():
        if name not in known:
            raise SettingsError(
                f"There is no limit {name!r} ({_variable('limits_' + name)}). "
                f"The limits are: {', '.join(sorted(known))}."
            )
        try:
            numbers[name] = int(value)
        except (TypeError, ValueError):
            raise SettingsError(f"{_variable('limits_' + name)} must be a whole number.") from None
        if numbers[name] < 1:
            raise SettingsError(f"{_variable('limits_' + name)} must be 1 or more.")
    return numbers


def _demo_keys(folder: Path) -> dict[str, Any]:
    """Read the keys of a demonstration, made on its first start and readable by its owner only."""
    from cryptography.fernet import Fernet  # noqa: PLC0415

    _make_instance_folder(folder)
    path = folder / "demo-keys.toml"
    if not path.exists():
        text = (
            f'secret_key = "{secrets.token_urlsafe(48)}"\n'
            f'encryption_keys = ["{Fernet.generate_key().decode()}"]\n'
            f'hash_key = "{secrets.token_urlsafe(48)}"\n'
        )
        # Written aside and linked into place: two processes that start at once end up with the same keys.
        aside = folder / f"demo-keys.{secrets.token_hex(8)}"
        aside.touch(mode=0o600)
        aside.write_text(text)
        try:
            path.hardlink_to(aside)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return _from_file(str(path))


# No instance of the class can be made without keys, so the defaults are read off its fields.
_DEFAULTS: dict[str, Any] = {entry.name: entry.default for entry in fields(Settings)}

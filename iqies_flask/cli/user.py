"""``iqies user``: accounts, their roles for providers, and their offices."""

import sys
from datetime import UTC, date, datetime

import click

from iqies_flask.access import grants
from iqies_flask.access.errors import AccessError
from iqies_flask.access.matrix import built_in_matrix, built_in_text
from iqies_flask.access.registry import find_provider
from iqies_flask.access.roles import Role
from iqies_flask.cli.application import in_application
from iqies_flask.cli.tables import print_table
from iqies_flask.current import current_settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.identity import demonstration
from iqies_flask.identity import service as identity
from iqies_flask.identity.models import User
from iqies_flask.identity.persons import checked_birth_date, checked_email
from iqies_flask.identity.proofing import particulars, reopening
from iqies_flask.identity.security_keys import reset as second_factor
from iqies_flask.identity.security_keys import service as security_keys

_password_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the standard input instead of asking."
)


def _choice(*, for_provider: bool) -> click.Choice[str]:
    entries = built_in_matrix().roles.values()
    return click.Choice([_in_command(entry.role) for entry in entries if entry.for_provider is for_provider])


def _in_command(role: Role) -> str:
    return role.value.replace("_", "-")


_office_argument = click.argument("office", type=_choice(for_provider=False))
_ccn_option = click.option(
    "--ccn", "ccns", multiple=True, required=True, help="A provider; as often as needed."
)


@click.group(
    epilog="""\b
Examples:
  iqies user add submitter1 --ccn 015001 --ccn 017001 --email submitter1@example.org
  iqies user grant official1 --ccn 015002 --role provider-security-official
  iqies user revoke official1 --ccn 015002
  iqies user appoint officer1 proofing-officer
  iqies user sign-out --everybody
  iqies user list"""
)
def user() -> None:
    """Manage accounts and their roles."""


@user.command("add")
@click.argument("user_id")
@click.option(
    "--ccn",
    "ccns",
    multiple=True,
    help="A provider whose Assessment Submitter the user is; as often as needed.",
)
@click.option("--email", help="The person's address: for notices, and for a forgotten password.")
@_password_option
@in_application
def add(user_id: str, ccns: tuple[str, ...], email: str | None, password_stdin: bool) -> None:
    """Make an account for a person whom you know. Everybody else registers at the site."""
    for ccn in ccns:
        _registered(ccn)
    account = identity.create_user(user_id, _password(password_stdin), _address(email))
    for ccn in ccns:
        grants.grant(account, ccn)
    click.echo(f"The account {account.user_id} is ready. {_in_words(account)}")
    click.echo(
        "Give the person the user ID and the password. At the first sign-in, at "
        f"{current_settings().site_url}/, the person sets up a security key or passkey and gets ten recovery "
        "codes. After that the person should choose another password, under My profile."
    )
    if account.email is None:
        click.echo(
            "The account has no e-mail address, so nobody is told what happens to it. The person can add one "
            "under My profile."
        )


@user.command("list")
@in_application
def list_() -> None:
    """List the accounts."""
    keys = security_keys.count_keys()
    rows = [
        (
            account.user_id,
            "active" if account.active else "deactivated",
            account.proofing.value,
            str(keys.get(account.id, 0)),
            _moment(account.last_sign_in_at),
            ", ".join(f"{held.ccn} {_in_command(held.role)}" for held in grants.roles_of(account)),
            " ".join(_in_command(role) for role in grants.offices_of(account)),
        )
        for account in identity.list_users()
    ]
    print_table(
        ("User ID", "State", "Identity", "Keys", "Last sign-in", "Roles", "Offices"),
        rows,
        empty="There are no accounts. Make one with: iqies user add",
    )


@user.command("passwd")
@click.argument("user_id")
@_password_option
@in_application
def passwd(user_id: str, password_stdin: bool) -> None:
    """Give an account a new password. Whoever is signed in with it is signed out."""
    _account(user_id)
    identity.set_password(user_id, _password(password_stdin))
    click.echo(f"The password of {user_id} is changed.")


@user.command("grant")
@click.argument("user_id")
@_ccn_option
@click.option(
    "--role",
    type=_choice(for_provider=True),
    default=_in_command(Role.ASSESSMENT_SUBMITTER),
    show_default=True,
    help="Which role.",
)
@in_application
def grant(user_id: str, ccns: tuple[str, ...], role: str) -> None:
    """Give an account a role for providers, without a request and anybody's approval."""
    account = _account(user_id)
    for ccn in ccns:
        _registered(ccn)
    for ccn in ccns:
        grants.grant(account, ccn, _role(role))
    click.echo(_in_words(account))


@user.command("revoke")
@click.argument("user_id")
@_ccn_option
@click.option("--role", type=_choice(for_provider=True), help="Which role; all of them unless it is given.")
@in_application
def revoke(user_id: str, ccns: tuple[str, ...], role: str | None) -> None:
    """Take roles for providers from an account."""
    account = _account(user_id)
    for ccn in ccns:
        if not grants.revoke(account, ccn, _role(role) if role else None):
            click.echo(f"{account.user_id} does not hold {role or 'any role'} for {ccn}: nothing to revoke.")
    click.echo(_in_words(account))


@user.command("appoint")
@click.argument("user_id")
@_office_argument
@in_application
def appoint(user_id: str, office: str) -> None:
    """Give an account an office, which is held for no provider.

    A proofing officer decides on persons whose identity is proved by hand. An auditor reads the audit log. A
    registry manager looks after the providers. A CMS official approves the first Security Official of each
    provider. A state viewer sees the registry.
    """
    account = _account(user_id)
    grants.appoint(account, _role(office))
    click.echo(f"{account.user_id} is {office} now.")


@user.command("dismiss")
@click.argument("user_id")
@_office_argument
@in_application
def dismiss(user_id: str, office: str) -> None:
    """Take an office from an account."""
    account = _account(user_id)
    grants.dismiss(account, _role(office))
    click.echo(f"{account.user_id} is not {office} any more.")


@user.command("matrix")
def matrix() -> None:
    """Print the product's permission matrix: a copy can be changed, and named in the setting matrix_file."""
    click.echo(built_in_text(), nl=False)


@user.command("deactivate")
@click.argument("user_id")
@in_application
def deactivate(user_id: str) -> None:
    """Shut an account. Whoever is signed in with it is signed out; its submissions stay."""
    identity.deactivate(user_id)
    click.echo(f"The account {user_id} is deactivated. Open it again with: iqies user activate {user_id}")


@user.command("activate")
@click.argument("user_id")
@in_application
def activate(user_id: str) -> None:
    """Open an account that was deactivated."""
    identity.activate(user_id)
    click.echo(f"The account {user_id} is active.")


@user.command("sign-out")
@click.argument("user_id", required=False)
@click.option("--everybody", is_flag=True, help="End the sessions of all accounts.")
@in_application
def sign_out(user_id: str | None, everybody: bool) -> None:
    """End all sessions of an account, or of all. Whoever it was can sign in again."""
    if (user_id is None) is not everybody:
        raise click.UsageError("Give a user ID, or --everybody.")
    if user_id is not None:
        identity.sign_out(user_id)
        click.echo(f"{user_id} is signed out everywhere.")
    else:
        click.echo(f"Accounts that were signed out everywhere: {identity.sign_out_everybody()}.")


@user.command("reopen-proofing")
@click.argument("user_id")
@in_application
def reopen_proofing(user_id: str) -> None:
    """Let a person who has used up all tries prove the own identity again. The person is told by e-mail."""
    account = _account(user_id)
    reopening.reopen(account)
    click.echo(f"{account.user_id} may try again, as often as at first.")


@user.command("correct-birth-date")
@click.argument("user_id")
@in_application
def correct_birth_date(user_id: str) -> None:
    """Correct the date of birth of a proved person. See a document first; the person is told by e-mail.

    The date is asked for, so that it stands in no history of commands.
    """
    account = _account(user_id)
    typed: str = click.prompt("Date of birth by the document, as 1986-04-28", hide_input=True)
    particulars.correct_birth_date(account, _birth_date(typed))
    click.echo(f"The date of birth of {account.user_id} is corrected.")


@user.command("reset-second-factor")
@click.argument("user_id")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask whether it is the owner who wants it.")
@in_application
def reset_second_factor(user_id: str, is_sure: bool) -> None:
    """Take away the security keys and recovery codes that a person has lost.

    The person is signed out and told by e-mail, and sets a new key up at the next sign-in. Until then the
    password alone opens the account: be sure that it is the owner who asks.
    """
    account = _account(user_id)
    if not is_sure:
        click.echo(
            "Somebody with a stolen password may pretend to have lost the key. Call the person back at a "
            "number that you knew before, or see an identification."
        )
        click.confirm(f"Are you sure that it is the owner of {account.user_id} who asks?", abort=True)
    with write_transaction() as session:
        removed = second_factor.reset(session, account)
    click.echo(
        f"{account.user_id} has no keys and recovery codes any more ({removed} "
        f"{'key was' if removed == 1 else 'keys were'} removed), and is signed out. At the next sign-in a "
        "new key is set up."
    )
    click.echo(
        "The person is told by e-mail."
        if account.email
        else "The account has no e-mail address: tell the person yourself."
    )
    click.echo(f"If somebody else may know the password, give a new one: iqies user passwd {account.user_id}")


@user.command("deactivate-demo")
@in_application
def deactivate_demo() -> None:
    """Shut all accounts that a demonstration made. In production the site does not start before."""
    shut = demonstration.deactivate_accounts()
    if shut:
        click.echo(f"Deactivated: {', '.join(account.user_id for account in shut)}. Their submissions stay.")
    else:
        click.echo("No account of a demonstration is active.")


def _account(user_id: str) -> User:
    account = identity.find_user(user_id)
    if account is None:
        raise identity.IdentityError(f"There is no user {user_id}.")
    return account


def _address(typed: str | None) -> str | None:
    if typed is None:
        return None
    try:
        return checked_email(typed)
    except ValueError as error:
        raise identity.IdentityError(str(error)) from None


def _birth_date(typed: str) -> date:
    year, month, day = (*typed.strip().split("-"), "", "")[:3]
    try:
        return checked_birth_date(year, month, day, today=utc_now().date())
    except ValueError as error:
        raise identity.IdentityError(str(error)) from None


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M UTC}" if at else "never"


def _registered(ccn: str) -> None:
    if find_provider(ccn) is None:
        raise AccessError(
            f"There is no provider with the CCN {ccn}. Register it first with: iqies providers add"
        )


def _role(name: str) -> Role:
    return Role(name.replace("-", "_"))


def _in_words(account: User) -> str:
    held = grants.roles_of(account)
    if not held:
        return f"{account.user_id} holds no role for a provider."
    listed = ", ".join(f"{_in_command(entry.role)} for {entry.ccn}" for entry in held)
    return f"{account.user_id} is {listed}."


def _password(from_standard_input: bool) -> str:
    if from_standard_input:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password

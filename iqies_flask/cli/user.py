"""``iqies user``: accounts, the providers that they may act for, and their roles at the Service Center."""

import sys

import click

from iqies_flask.access import grants
from iqies_flask.access.errors import AccessError
from iqies_flask.access.registry import find_provider
from iqies_flask.access.roles import Role
from iqies_flask.cli.application import in_application
from iqies_flask.cli.tables import print_table
from iqies_flask.identity import service as identity
from iqies_flask.identity.models import User

_password_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the standard input instead of asking."
)
_role_argument = click.argument("role", type=click.Choice([role.value.replace("_", "-") for role in Role]))


@click.group(
    epilog="""\b
Examples:
  iqies user add submitter1 --ccn 015001 --ccn 017001
  iqies user grant submitter1 --ccn 015002
  iqies user appoint officer1 proofing-officer
  iqies user list"""
)
def user() -> None:
    """Manage accounts and what they may submit for."""


@user.command("add")
@click.argument("user_id")
@click.option(
    "--ccn", "ccns", multiple=True, help="A provider that the user may submit for; as often as needed."
)
@_password_option
@in_application
def add(user_id: str, ccns: tuple[str, ...], password_stdin: bool) -> None:
    """Make an account."""
    for ccn in ccns:
        _registered(ccn)
    account = identity.create_user(user_id, _password(password_stdin))
    for ccn in ccns:
        grants.grant(account, ccn)
    click.echo(f"The account {account.user_id} is ready. It may submit for {_in_words(account)}.")


@user.command("list")
@in_application
def list_() -> None:
    """List the accounts."""
    rows = [
        (
            account.user_id,
            "active" if account.active else "deactivated",
            " ".join(_granted(account)),
            " ".join(_in_command(role) for role in grants.offices_of(account)),
        )
        for account in identity.list_users()
    ]
    print_table(
        ("User ID", "State", "CCNs", "Service Center"),
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
@click.option("--ccn", "ccns", multiple=True, required=True, help="A provider; as often as needed.")
@in_application
def grant(user_id: str, ccns: tuple[str, ...]) -> None:
    """Let an account submit for providers."""
    account = _account(user_id)
    for ccn in ccns:
        _registered(ccn)
    for ccn in ccns:
        grants.grant(account, ccn)
    click.echo(f"{account.user_id} may submit for {_in_words(account)}.")


@user.command("revoke")
@click.argument("user_id")
@click.option("--ccn", "ccns", multiple=True, required=True, help="A provider; as often as needed.")
@in_application
def revoke(user_id: str, ccns: tuple[str, ...]) -> None:
    """Take back what was granted."""
    account = _account(user_id)
    for ccn in ccns:
        grants.revoke(account, ccn)
    click.echo(f"{account.user_id} may submit for {_in_words(account)}.")


@user.command("appoint")
@click.argument("user_id")
@_role_argument
@in_application
def appoint(user_id: str, role: str) -> None:
    """Give an account a role at the Service Center.

    A proofing officer decides on persons whose identity is proved by hand. An auditor reads the audit log.
    """
    account = _account(user_id)
    grants.appoint(account, _role(role))
    click.echo(f"{account.user_id} is {role} at the Service Center.")


@user.command("dismiss")
@click.argument("user_id")
@_role_argument
@in_application
def dismiss(user_id: str, role: str) -> None:
    """Take a role at the Service Center from an account."""
    account = _account(user_id)
    grants.dismiss(account, _role(role))
    click.echo(f"{account.user_id} is not {role} at the Service Center any more.")


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


def _account(user_id: str) -> User:
    account = identity.find_user(user_id)
    if account is None:
        raise identity.IdentityError(f"There is no user {user_id}.")
    return account


def _registered(ccn: str) -> None:
    if find_provider(ccn) is None:
        raise AccessError(
            f"There is no provider with the CCN {ccn}. Register it first with: iqies providers add"
        )


def _role(name: str) -> Role:
    return Role(name.replace("-", "_"))


def _in_command(role: Role) -> str:
    return role.value.replace("_", "-")


def _granted(account: User) -> list[str]:
    return [provider.ccn for provider in grants.granted(account)]


def _in_words(account: User) -> str:
    return ", ".join(_granted(account)) or "no provider yet"


def _password(from_standard_input: bool) -> str:
    if from_standard_input:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password

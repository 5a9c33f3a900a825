"""``iqies provider``: the registry of providers."""

import click

from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.registry import add_provider, list_providers
from iqies_flask.cli.application import in_application
from iqies_flask.cli.tables import print_table


@click.group(
    epilog="""\b
Examples:
  iqies provider add 015001 --name "Testville Care Center" --state AL --facility-id TESTNH01 --kind snf
  iqies provider list"""
)
def provider() -> None:
    """Manage the registry of providers."""


@provider.command("add")
@click.argument("ccn")
@click.option("--name", required=True, help="Name of the provider.")
@click.option("--state", required=True, help="Two-letter state code.")
@click.option(
    "--facility-id", required=True, help="Its submission id in the state (MDS FAC_ID, OASIS HHA_AGENCY_ID)."
)
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in ProviderKind]),
    required=True,
    help="snf: skilled nursing facility, hha: home health agency, swing_bed: swing-bed hospital.",
)
@in_application
def add(ccn: str, name: str, state: str, facility_id: str, kind: str) -> None:
    """Register a provider, or change one that is registered."""
    added = add_provider(ccn, name, state, facility_id, ProviderKind(kind))
    click.echo(f"{added.ccn} {added.name} is registered.")


@provider.command("list")
@in_application
def list_() -> None:
    """List the providers."""
    rows = [
        (entry.ccn, entry.name, entry.state, entry.facility_id, ProviderKind(entry.kind).value)
        for entry in list_providers()
    ]
    print_table(
        ("CCN", "Name", "State", "Facility ID", "Kind"),
        rows,
        empty="No provider is registered. Register one with: iqies provider add",
    )

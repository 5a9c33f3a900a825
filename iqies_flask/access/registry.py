"""The registry of providers. Knows no request; needs an application context for the database."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.access.ccn import parse_ccn
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.models import Provider
from iqies_flask.access.provider_values import (
    checked_facility_id,
    checked_kind,
    checked_name,
    checked_state,
)
from iqies_flask.audit import service as audit
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.model import RecordSummary
from iqies_flask.pipeline.report.model import ProviderName


def provider_of(summary: RecordSummary) -> ProviderName:
    """Find the provider to which a record belongs.

    Args:
        summary: What the record says of itself. An inactivation carries no CCN, so state and facility id
            count as well.

    Returns:
        The registered provider. If none is registered, or CCN and facility id name two different ones, what
        the record says but without a CCN, so that `may` says no.
    """
    by_ccn = db.session.get(Provider, summary.ccn.strip().upper()) if summary.ccn else None
    by_facility = _providers_of_facility(summary)
    if by_ccn is None:
        found = by_facility[0] if len(by_facility) == 1 else None
    else:
        found = by_ccn if not by_facility or by_ccn in by_facility else None
    if found is None:
        return ProviderName(facility_id=summary.facility_id, state=summary.state)
    return provider_name(found)


def provider_name(provider: Provider) -> ProviderName:
    """Name a provider as reports do."""
    return ProviderName(
        ccn=provider.ccn, name=provider.name, facility_id=provider.facility_id, state=provider.state
    )


def _providers_of_facility(summary: RecordSummary) -> list[Provider]:
    if not summary.state or not summary.facility_id:
        return []
    return list(
        db.session.scalars(
            select(Provider).where(
                Provider.state == summary.state.strip().upper(),
                Provider.facility_id == summary.facility_id.strip().upper(),
            )
        )
    )


def add_provider(
    ccn: str,
    name: str,
    state: str,
    facility_id: str,
    kind: ProviderKind | None = None,
    *,
    actor: str = audit.COMMAND_LINE,
) -> Provider:
    """Register a provider, or change one that is registered. What is as it was is not written down again.

    Args:
        ccn: CMS Certification Number.
        name: Name.
        state: Two-letter state code; that of the CCN, unless it is a number of no state.
        facility_id: Submission id in its state; empty where it is not known.
        kind: Kind of provider; None for what the CCN says.
        actor: Who does it, for the audit log.

    Raises:
        AccessError: A value does not do.
    """
    number = parse_ccn(ccn)
    after = {
        "name": checked_name(name),
        "state": checked_state(state, number),
        "facility_id": checked_facility_id(facility_id),
        "kind": checked_kind(kind or number.kind, number),
    }
    with write_transaction() as session:
        provider = session.get(Provider, number.text, with_for_update=True, populate_existing=True)
        if provider is None:
            provider = Provider(ccn=number.text, **after)
            session.add(provider)
            session.flush()
            _record(session, "provider.registered", provider, actor)
            return provider
        before = {field: getattr(provider, field) for field in after}
        changed = [field for field in after if after[field] != before[field]]
        for field in changed:
            setattr(provider, field, after[field])
        if changed:
            _record(
                session,
                "provider.changed",
                provider,
                actor,
                before={field: before[field] for field in changed},
                after={field: after[field] for field in changed},
            )
    return provider


def _record(session: Session, action: str, provider: Provider, actor: str, **detail: Any) -> None:
    audit.record(session, action, actor=actor, object_type="provider", object_id=provider.ccn, **detail)


def named(provider: Provider) -> str:
    """Name a provider in a message."""
    return f"{provider.name} ({provider.ccn})"


def find_provider(ccn: str) -> Provider | None:
    """Look a provider up by its CCN."""
    return db.session.get(Provider, ccn.strip().upper())


def lock_providers(session: Session, ccns: set[str]) -> None:
    """Let nobody else lock some providers until the transaction ends, so that their records come one by one.

    SQLite has one writer at a time anyway.

    Args:
        session: A session in a writing transaction.
        ccns: Which; those not registered are passed over.
    """
    if ccns:
        # Always in the same order, so that two transactions cannot wait for each other. Rows that only refer
        # to a provider are still written meanwhile.
        locking = select(Provider.ccn).where(Provider.ccn.in_(ccns)).order_by(Provider.ccn)
        session.execute(locking.with_for_update(key_share=True)).all()


def provider_names(ccns: set[str]) -> dict[str, ProviderName]:
    """Look up the names of providers, CCN to name; those not registered are left out."""
    if not ccns:
        return {}
    found = db.session.scalars(select(Provider).where(Provider.ccn.in_(ccns)))
    return {provider.ccn: provider_name(provider) for provider in found}


def list_providers() -> list[Provider]:
    """List the registry by CCN."""
    return list(db.session.scalars(select(Provider).order_by(Provider.ccn)))

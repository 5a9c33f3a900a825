"""Taking a provider file into the registry: all of it or nothing. Needs an application context."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from iqies_flask.access.certified import is_over
from iqies_flask.access.errors import AccessError
from iqies_flask.access.models import Provider, folded_name
from iqies_flask.access.provider_values import check_span
from iqies_flask.access.providers.columns import CCN, known_columns
from iqies_flask.access.providers.facility_ids import FacilityIdHolder, Shared, shared_ids
from iqies_flask.access.providers.reading import Contents, Progress, Row, RowRefusal, Value, read_file
from iqies_flask.access.providers.returned import Returned
from iqies_flask.audit import service as audit
from iqies_flask.database import write_transaction

_FIELDS = [name for name in known_columns() if name != CCN]
_EMPTY: Mapping[str, Any] = {name: None if name.endswith("_on") else "" for name in _FIELDS}


@dataclass(frozen=True, slots=True)
class Change:
    """A provider of which a file says something else than the registry.

    Attributes:
        line: Line of the file on which its row begins.
        ccn: Its CCN.
        name: Its name, as it is now.
        before: Field to value in the registry, for what is different.
        after: The same in the file.
    """

    line: int
    ccn: str
    name: str
    before: Mapping[str, Value | None]
    after: Mapping[str, Value]


@dataclass(slots=True)
class ImportResult:
    """What came of an import.

    Attributes:
        added: Rows of providers that were not registered before.
        changed: Providers that were, and of which the file says something else.
        unchanged: Number of providers of which it says nothing else.
        refusals: What is wrong with rows that were not taken.
        shared: Facility IDs that a provider of the file then has in common with others of its state.
        returned: Providers of the file that are not certified any more, as the registry says then.
        stored: Whether the registry was changed; if not, it is as it was, whatever is listed here.
    """

    added: list[Row] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    unchanged: int = 0
    refusals: list[RowRefusal] = field(default_factory=list)
    shared: list[Shared] = field(default_factory=list)
    returned: list[Returned] = field(default_factory=list)
    stored: bool = False

    @property
    def refused(self) -> int:
        """Number of rows that were not taken."""
        return len({refusal.line for refusal in self.refusals})


def import_file(
    file_name: str,
    content: bytes,
    *,
    chosen: Mapping[str, str],
    skip_refused: bool,
    dry_run: bool,
    progress: Progress,
    actor: str = audit.COMMAND_LINE,
) -> ImportResult:
    """Add and change providers as a file says. What it does not say of a provider stays as it is.

    Args:
        file_name: For the audit log.
        content: The file.
        chosen: Field to name of its column, where the file's names are not those of CMS's files.
        skip_refused: Take the other rows where some are wrong; else nothing is taken then.
        dry_run: Change nothing, and say what would be changed.
        progress: Is told how far reading is.
        actor: Who does it, for the audit log.

    Raises:
        AccessError: The file as a whole cannot be read.
    """
    contents = read_file(content, chosen, progress)
    with write_transaction() as session:
        result = _compared(session, contents)
        if dry_run or (result.refusals and not skip_refused):
            return result
        _store(session, result)
        audit.record(
            session,
            "provider.imported",
            actor=actor,
            object_type="registry",
            file=file_name,
            sha256=hashlib.sha256(content).hexdigest(),
            added=len(result.added),
            changed=len(result.changed),
            unchanged=result.unchanged,
            refused=result.refused,
        )
        result.stored = True
    return result


def _compared(session: Session, contents: Contents) -> ImportResult:
    result = ImportResult(refusals=list(contents.refusals))
    columns = [getattr(Provider, name) for name in (CCN, *_FIELDS)]
    # Nobody changes a provider between this look and what is written. Locked in the order in which others
    # lock several; records that refer to a provider are still stored meanwhile.
    locking = select(*columns).order_by(Provider.ccn).with_for_update(key_share=True)
    registered = {row.ccn: row._asdict() for row in session.execute(locking)}
    for row in contents.rows:
        known = registered.get(row.ccn.text)
        try:
            _check_whole(row, known)
        except AccessError as error:
            result.refusals.append(RowRefusal(row.line, row.ccn.text, "", "", str(error)))
            continue
        if known is None:
            result.added.append(row)
            continue
        if (returned := _returned(row, known)) is not None:
            result.returned.append(returned)
        after = {name: value for name, value in row.values.items() if known[name] != value}
        if not after:
            result.unchanged += 1
            continue
        before = {name: known[name] for name in after}
        name = str(after.get("name", known["name"]))
        result.changed.append(Change(row.line, row.ccn.text, name, before, after))
    result.refusals.sort(key=lambda refusal: refusal.line)
    refused = {refusal.line for refusal in result.refusals}
    result.shared = _shared(registered, [row for row in contents.rows if row.line not in refused])
    return result


def _returned(row: Row, known: Mapping[str, Any]) -> Returned | None:
    ended = known["terminated_on"]
    if ended is None or not is_over(ended) or "terminated_on" in row.values:
        return None
    return Returned(row.line, row.ccn.text, str(row.values.get("name", known["name"])), ended)


def _shared(registered: Mapping[str, Mapping[str, Any]], taken: Sequence[Row]) -> list[Shared]:
    """Find the facility IDs that several providers have, as the registry is when the rows are taken."""
    holders = {
        ccn: FacilityIdHolder(ccn, str(known["state"]), str(known["facility_id"]))
        for ccn, known in registered.items()
    }
    for row in taken:
        ccn = row.ccn.text
        known = holders.get(ccn, FacilityIdHolder(ccn, str(_state(row)), ""))
        said = {name: str(row.values[name]) for name in ("state", "facility_id") if name in row.values}
        holders[ccn] = known._replace(**said)
    return shared_ids(holders.values(), {row.ccn.text for row in taken})


def _check_whole(row: Row, known: Mapping[str, Any] | None) -> None:
    """Check what a row alone does not show.

    Raises:
        AccessError: A provider that is not registered lacks what it needs, or the dates do not fit.
    """
    if known is None and "name" not in row.values:
        raise AccessError("This provider is not registered yet, and the row gives it no name.")
    if known is None and not _state(row):
        raise AccessError("This provider is not registered yet, and neither CCN nor row says its state.")
    whole = {**(known or {}), **row.values}
    check_span(_day(whole.get("certified_on")), _day(whole.get("terminated_on")))


def _state(row: Row) -> Value:
    return row.values.get("state", row.ccn.state)


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None


def _store(session: Session, result: ImportResult) -> None:
    added = [
        {
            **_EMPTY,
            **row.values,
            **_folded(row.values),
            "ccn": row.ccn.text,
            "state": _state(row),
            "kind": row.ccn.kind,
            "email_domains": [],
            "branches_known": False,
        }
        for row in result.added
    ]
    if added:
        try:
            session.execute(insert(Provider), added)
        except IntegrityError:
            raise AccessError(
                "Somebody else has just registered one of these providers, so nothing was changed. Import the"
                " file again."
            ) from None
    # One statement for all rows that change the same fields.
    for changed in _grouped(
        [{"ccn": change.ccn, **change.after, **_folded(change.after)} for change in result.changed]
    ):
        session.execute(update(Provider), changed)
    session.expire_all()


def _folded(values: Mapping[str, Value]) -> dict[str, str]:
    # The model does this for single objects only.
    return {"name_folded": folded_name(str(values["name"]))} if "name" in values else {}


def _grouped(rows: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    groups: dict[frozenset[str], list[dict[str, Any]]] = {}
    for row in sorted(rows, key=itemgetter("ccn")):
        groups.setdefault(frozenset(row), []).append(row)
    return list(groups.values())

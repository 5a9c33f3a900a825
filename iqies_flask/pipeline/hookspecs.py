"""The hooks. A plugin implements those that it needs, by name.

Implementations are called one by one, each guarded: the report and the log name one that raises, that gives
an answer of another kind, or that does not come back in time. The findings of the others stay as they are.
All but the last are asked about records; the last is asked about the persons who register.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pluggy

from iqies_flask.plugin import (
    Change,
    Context,
    Finding,
    Identification,
    ProofingAnswer,
    ProofingRequest,
    Receipt,
    Record,
    Route,
    SpecRegistry,
)

hookspec = pluggy.HookspecMarker("iqies")


@hookspec
def register_specs() -> Iterable[Path]:
    """Name folders that hold specification packs.

    Returns:
        Paths of folders with a ``pack.toml``. Called once at start; every plugin's packs are taken, and of
        two packs for one system and version the one of the plugin registered last.
    """
    return ()


@hookspec(firstresult=True)
def identify(record: Record, specs: SpecRegistry) -> Identification | None:
    """Say what a record is.

    Args:
        record: The record as intake read it. Its ``items`` may be anything: nothing is checked yet.
        specs: The installed packs.

    Returns:
        What it is, or None to leave it to the next plugin. Plugins registered later are asked first, the
        built-in ones last. A record that nobody knows is rejected with a message that says so.
    """
    return None


@hookspec
def validate(record: Record, context: Context) -> Iterable[Finding]:
    """Check a record.

    Args:
        record: Not to be changed.
        context: Names the system and pack in ``context.identification``.

    Returns:
        Findings, none for a clean record. Every plugin is asked; the report lists the findings in the order
        of the plugins' registration.
    """
    return ()


@hookspec
def scrub(record: Record, context: Context) -> Iterable[Change | Finding]:
    """Propose normalizations and give advice.

    Args:
        record: A record without fatal findings, as it was submitted; not to be changed.
        context: As for `validate`.

    Returns:
        Changes are applied to a copy of the items that is stored, in the order of the plugins' registration
        (of two changes to one item the later sees the submitted text, and wins), and are listed in the
        report. Findings must be advice: fatal ones and warnings are lowered to it.
    """
    return ()


@hookspec(firstresult=True)
def route(record: Record, context: Context) -> Route | None:
    """Say where a record goes.

    Args:
        record: A record without fatal findings.
        context: As for `validate`.

    Returns:
        The route, or None to leave it to the next plugin. Plugins registered later are asked first. A record
        that nobody routes is rejected with a message that says so.
    """
    return None


@hookspec
def deliver(route: Route, records: Sequence[Record], context: Context) -> Iterable[Receipt] | None:
    """Hand records over to where they go.

    Args:
        route: The route that `route` chose for all of these records.
        records: One or more records of one submission.
        context: ``context.submission_id`` with the record's number names a record for ever.

    Returns:
        A receipt for each record, or None where the route is not this plugin's. Called again with the same
        records after a crash: an implementation must deliver the same record only once. Never called in
        offline validation.

    Raises:
        Exception: Of any kind, when the hand-over failed; it is tried again.
    """
    return None


@hookspec(firstresult=True)
def prove_identity(request: ProofingRequest) -> ProofingAnswer | None:
    """Prove that a person is who he or she says, step by step.

    Args:
        request: The person and the exchange so far. In the first step of an attempt ``request.state`` is
            None, later it is what this plugin gave with its last answer.

    Returns:
        `AskQuestions`, `NeedReference`, `Proved`, `Failed` or `LeaveToOfficer`. In the first step, None
        leaves the person to the next plugin, and where all do, an officer of the Service Center decides.
        Plugins registered later are asked first. The further steps of an attempt go to the plugin that
        answered the first.

    Raises:
        Exception: Of any kind, when the proofing service cannot be reached. That counts as no try: the person
            may try again soon, or ask for an officer.
    """
    return None

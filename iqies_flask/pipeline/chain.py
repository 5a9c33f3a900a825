"""The chain: what happens to one record between intake and its report.

identify, validate, scrub, route; and later, for records that go elsewhere, deliver. It holds no state of a
submission, and may be shared by threads.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from iqies_flask.model import Change, Finding, ItemValue, Receipt, Record, Route, Severity
from iqies_flask.pipeline import messages
from iqies_flask.pipeline.guard import HookAnswer
from iqies_flask.pipeline.plugins import PluginHost
from iqies_flask.pipeline.sniffing import PBJ_ROOT
from iqies_flask.pipeline.xml_explainer import shorten
from iqies_flask.plugin import ASSESSMENT_ROOT, SYSTEM_ITEM, Context, Identification
from iqies_flask.specs.assessment import storable_items

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """What the chain found about one record.

    Attributes:
        record: As it was submitted.
        identification: What it is; None where nobody knows it.
        findings: Of intake first, then those of the plugins in the order of the chain.
        changes: Normalizations, in the order in which they apply.
        route: Where it goes; None for a rejected record.
        stored_items: Its items after the changes, without those that its item subset does not have.
    """

    record: Record
    identification: Identification | None
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    route: Route | None
    stored_items: dict[str, str]

    @property
    def accepted(self) -> bool:
        """Whether nothing fatal was found."""
        return not _has_fatal(self.findings)


class Chain:
    """Takes records through the hooks of the plugins."""

    def __init__(self, host: PluginHost) -> None:
        """Make a chain.

        Args:
            host: Whose plugins are called.
        """
        self._identify = host.calls("identify")
        self._validate = host.calls("validate")
        self._scrub = host.calls("scrub")
        self._route = host.calls("route")
        self._deliver = host.calls("deliver")

    def check(self, record: Record, context: Context) -> RecordOutcome:
        """Check one record.

        Args:
            record: As intake read it.
            context: Without an identification.

        Returns:
            The outcome, whatever the record is and the plugins do.
        """
        passage = _Passage(record)
        if not record.readable:
            return passage.outcome()
        self._identify_record(passage, context)
        if passage.identification is None or _has_fatal(passage.identification.findings):
            return passage.outcome()
        context = replace(context, identification=passage.identification)
        arguments = {"record": record, "context": context}
        self._validate_record(passage, arguments)
        if not passage.rejected:
            for call in self._scrub:
                answer = call(arguments)
                passage.take_scrubbed(call.plugin, answer.value)
                passage.take_failure(answer)
            self._route_record(passage, arguments)
        return passage.outcome()

    def deliver(self, route: Route, records: Sequence[Record], context: Context) -> list[Receipt] | None:
        """Hand records over to where they go.

        Args:
            route: The route of all of them.
            records: Of one submission.
            context: With the submission's id.

        Returns:
            A receipt for each record; None where no plugin took all of them, for a reason that the log names.
            Then they may be delivered again: a plugin delivers a record only once.
        """
        arguments = {"route": route, "records": records, "context": context}
        for call in self._deliver:
            answer = call(arguments)
            if answer.value is None:
                continue
            if {one.record_number for one in answer.value} >= {one.number for one in records}:
                return list(answer.value)
            logger.error("Plugin %s gave no receipt for some of the records that it took.", call.plugin)
        return None

    def _identify_record(self, passage: "_Passage", context: Context) -> None:
        arguments = {"record": passage.record, "specs": context.specs}
        for call in self._identify:
            answer = call(arguments)
            passage.take_failure(answer)
            if answer.value is not None:
                passage.identification = answer.value
                passage.identified_by = call.plugin
                passage.take_findings(call.plugin, answer.value.findings)
                return
        passage.findings.append(_unidentified(passage.record))

    def _validate_record(self, passage: "_Passage", arguments: dict[str, Any]) -> None:
        for call in self._validate:
            answer = call(arguments)
            passage.take_findings(call.plugin, answer.value)
            passage.take_failure(answer)
            if answer.failure is not None and call.plugin == passage.identified_by:
                # Nobody else checks records of this system, so nothing may pass unchecked.
                passage.findings.append(
                    messages.NOT_CHECKED.finding(plugin=call.plugin, system=passage.system)
                )

    def _route_record(self, passage: "_Passage", arguments: dict[str, Any]) -> None:
        for call in self._route:
            answer = call(arguments)
            passage.take_failure(answer)
            if answer.value is not None:
                passage.route = answer.value
                return
        passage.findings.append(messages.UNROUTED.finding(system=passage.system))


class _Passage:
    """One record's way through the chain, and what was gathered so far."""

    __slots__ = ("changes", "findings", "identification", "identified_by", "items", "record", "route")

    def __init__(self, record: Record) -> None:
        self.record = record
        self.findings = list(record.findings)
        self.changes: list[Change] = []
        self.items = record.items
        self.identification: Identification | None = None
        self.identified_by = ""
        self.route: Route | None = None

    @property
    def system(self) -> str:
        return self.identification.system if self.identification else ""

    @property
    def rejected(self) -> bool:
        return _has_fatal(self.findings)

    def take_findings(self, plugin: str, findings: Iterable[Finding]) -> None:
        self.findings += [replace(finding, plugin=plugin) for finding in findings]

    def take_failure(self, answer: HookAnswer) -> None:
        # A plugin that is switched off says the same at every step: once is enough.
        if answer.failure is not None and answer.failure not in self.findings:
            self.findings.append(answer.failure)

    def take_scrubbed(self, plugin: str, proposals: Iterable[Change | Finding]) -> None:
        """Take advice, and apply changes."""
        for one in proposals:
            if isinstance(one, Finding):
                self.findings.append(replace(one, plugin=plugin, severity=Severity.ADVICE))
            elif self.record.items.get(one.item) == one.before and one.after != one.before:
                self._apply(replace(one, plugin=plugin))

    def _apply(self, change: Change) -> None:
        if self.items is self.record.items:
            self.items = dict(self.items)
        self.items[change.item] = change.after
        self.changes.append(change)

    def _storable(self) -> dict[str, str]:
        known = self.identification
        if known is None or known.pack is None:
            return self.items
        return storable_items(self.items, known.pack, known.summary.subset)

    def outcome(self) -> RecordOutcome:
        return RecordOutcome(
            record=self.record,
            identification=self.identification,
            findings=tuple(self.findings),
            changes=tuple(self.changes),
            route=self.route,
            stored_items=self._storable(),
        )


def _has_fatal(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.FATAL for finding in findings)


def _unidentified(record: Record) -> Finding:
    """Say why nobody knows a record."""
    if record.root not in {ASSESSMENT_ROOT, PBJ_ROOT}:
        return messages.WRONG_ROOT.finding(root=shorten(record.root))
    value = record.items.get(SYSTEM_ITEM)
    shown = "not in the record" if value is None else f'"{shorten(value)}"'
    return messages.UNIDENTIFIED.finding(ItemValue(SYSTEM_ITEM, value=value), value=shown)

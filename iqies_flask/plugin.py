"""Everything that the author of a plugin imports.

A plugin is a module with functions named like the hooks of `iqies_flask.pipeline.hookspecs` and marked
with `hookimpl`. It finds all its names here and needs no other module of the project; what is not in
``__all__`` may change without notice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pluggy

from iqies_flask.model import (
    Applicant,
    AskQuestions,
    Change,
    Choice,
    Content,
    EditType,
    Failed,
    Finding,
    ItemValue,
    LeaveToOfficer,
    MemoryContent,
    NeedReference,
    ProofingAnswer,
    ProofingRequest,
    Proved,
    Question,
    Receipt,
    Record,
    RecordSummary,
    Route,
    Severity,
)
from iqies_flask.resources import schemas_folder
from iqies_flask.specs.advice import advise_assessment
from iqies_flask.specs.assessment import check_assessment, summarize
from iqies_flask.specs.dates import parse_date
from iqies_flask.specs.pack import Item, Pack
from iqies_flask.specs.registry import SYSTEM_ITEM, PackChoice, SpecRegistry
from iqies_flask.specs.scores import bims_summary_scores, mood_interview_scores, staff_mood_scores

ASSESSMENT_ROOT = "ASSESSMENT"
"""The root element of MDS and OASIS files."""

API_VERSION = 1
"""Raised when a change would break plugins written for an earlier number."""

hookimpl = pluggy.HookimplMarker("iqies")
"""Marks a function as the implementation of the hook of the same name."""


@dataclass(frozen=True, slots=True)
class Identification:
    """What a record is, as the plugin that knows it says.

    Attributes:
        system: ``MDS``, ``OASIS``, ``PBJ`` or a plugin's own.
        pack: The specification pack in force for the record; None where none is, or where none is needed.
        summary: The fields that reports and stores go by.
        findings: Why no pack applies, and the like. A fatal one here ends the chain for this record.
    """

    system: str
    pack: Pack | None = None
    summary: RecordSummary = field(default_factory=RecordSummary)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What a hook may know beside the record.

    Attributes:
        specs: The installed specification packs.
        received_at: When the submission was received, UTC.
        today: The date that "current date" means in edits, local to the installation.
        identification: What the record was identified as; None only while that is being found out.
        submission_id: The submission's number; None in offline validation.
        offline: True in `iqies validate`, where nothing is stored or delivered.
        options: The operator's settings for plugins: plugin name to option to value.
    """

    specs: SpecRegistry
    received_at: datetime
    today: date
    identification: Identification | None = None
    submission_id: int | None = None
    offline: bool = True
    options: dict[str, dict[str, Any]] = field(default_factory=dict)

    def option(self, plugin: str, name: str, default: Any = None) -> Any:
        """Look up one setting of a plugin.

        Args:
            plugin: The plugin's name.
            name: The option's name.
            default: Given back where the operator set nothing.
        """
        return self.options.get(plugin, {}).get(name, default)


def bundled_packs(system: str) -> list[Path]:
    """List the folders of the packs that came with the product for a system, oldest version first.

    Args:
        system: Folder name below ``schemas/``, such as ``oasis``.
    """
    folder = schemas_folder() / system
    return sorted(path.parent for path in folder.glob("*/pack.toml"))


def identify_assessment(
    record: Record, specs: SpecRegistry, system: str, telltale_items: Sequence[str]
) -> Identification | None:
    """Identify an assessment of one system, choose its pack and summarize it.

    Args:
        record: As intake read it.
        specs: The installed packs.
        system: The system that the plugin stands for, as ASMT_SYS_CD writes it.
        telltale_items: Items that no other system has: they tell a record whose ASMT_SYS_CD is not
            the name of any installed system, so that its other checks still run.

    Returns:
        None where the record is not of this system.
    """
    if record.root != ASSESSMENT_ROOT:
        return None
    submitted = record.items.get(SYSTEM_ITEM, "").strip().upper()
    if submitted != system:
        others = {pack.system for pack in specs.packs} - {system}
        if submitted in others or not any(item in record.items for item in telltale_items):
            return None
    choice = specs.choose(system, record.items)
    return Identification(
        system=system,
        pack=choice.pack,
        summary=summarize(record.items, choice.closest) if choice.closest else RecordSummary(),
        findings=choice.findings,
    )


__all__ = [
    "API_VERSION",
    "ASSESSMENT_ROOT",
    "SYSTEM_ITEM",
    "Applicant",
    "AskQuestions",
    "Change",
    "Choice",
    "Content",
    "Context",
    "EditType",
    "Failed",
    "Finding",
    "Identification",
    "Item",
    "ItemValue",
    "LeaveToOfficer",
    "MemoryContent",
    "NeedReference",
    "Pack",
    "PackChoice",
    "ProofingAnswer",
    "ProofingRequest",
    "Proved",
    "Question",
    "Receipt",
    "Record",
    "RecordSummary",
    "Route",
    "Severity",
    "SpecRegistry",
    "advise_assessment",
    "bims_summary_scores",
    "bundled_packs",
    "check_assessment",
    "hookimpl",
    "identify_assessment",
    "mood_interview_scores",
    "parse_date",
    "staff_mood_scores",
    "summarize",
]

"""The reference of items and edits: all that is known of one of them, ready to be shown."""

import itertools
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache

from iqies_flask.model import EditType, MemoryContent, Message, Record, Severity
from iqies_flask.model.finding import OWN_SYSTEM
from iqies_flask.specs.assessment import check_assessment
from iqies_flask.specs.coverage import what_it_needs
from iqies_flask.specs.edits.outline import Outline, outline_condition, outline_requirement
from iqies_flask.specs.edits.printer import write_edit
from iqies_flask.specs.edits.tree import Edit
from iqies_flask.specs.format_rules import format_rule
from iqies_flask.specs.importing.pack_files import read_official_texts
from iqies_flask.specs.messages import (
    CALCULATED_ITEM,
    INACTIVE_ITEM,
    MISSING_ITEM,
    MORE_UNKNOWN_ITEMS,
    UNKNOWN_ITEM,
)
from iqies_flask.specs.pack import FormatEdit, Item, Pack
from iqies_flask.specs.registry import SPEC_VERSION_ITEM, version_findings
from iqies_flask.specs.sample import UnbreakableEditError, make_record

_SUBSET_RULE = "The submitted item subset must be the one that follows from the reasons for assessment."
_VERSION_RULE = (
    "The submitted version of the data specifications must be the one in force on the record's date."
)
_EXAMPLE_DAYS = 200
"""Days after the beginning of a pack on which the records of the examples are received."""

_LINE = 160
"""Characters of a rule in a list."""

_STRUCTURE_KINDS = {
    MISSING_ITEM.edit_id: "missing",
    UNKNOWN_ITEM.edit_id: "unknown",
    MORE_UNKNOWN_ITEMS.edit_id: "unknown",
    INACTIVE_ITEM.edit_id: "inactive",
    CALCULATED_ITEM.edit_id: "calculated",
}
"""The messages of which a pack says how much they weigh, and its words for them."""


@dataclass(frozen=True, slots=True)
class ClauseRule:
    """One clause of an edit in plain words.

    Attributes:
        label: Its letter; empty where the edit has only one.
        condition: When it applies; None for always.
        requirement: What must then hold.
    """

    label: str
    condition: Outline | None
    requirement: Outline


@dataclass(frozen=True, slots=True)
class MessageForm:
    """What a finding of an edit says.

    Attributes:
        text: What is wrong; names in braces stand for details.
        remedy: What to do.
        example: Whether it is the message on a made-up record, and not the form of all of them.
    """

    text: str
    remedy: str
    example: bool


@dataclass(frozen=True, slots=True)
class EditPage:
    """One edit.

    Attributes:
        id: CMS's number, or an id of the project's own.
        system: Whose id it is.
        pack: The data specification as part of which it is shown.
        severity: None where the edit does not run, and so has none here.
        type: Likewise.
        since: Version of the data specification that it was taken from; empty where none is recorded.
        rule: In a sentence; empty where `clauses` says it.
        clauses: The rule as an outline; empty where `rule` says it.
        text: The rule in the edit language; empty for edits that are not written in it.
        items: Those that it is about, in the order in which it names them.
        messages: What its findings say.
        reason: Why no record is checked with it by itself; empty where each is.
        official_text: CMS's own words, where the pack was made of a release of CMS.
    """

    id: str
    system: str
    pack: Pack
    severity: Severity | None = None
    type: EditType | None = None
    since: str = ""
    rule: str = ""
    clauses: tuple[ClauseRule, ...] = ()
    text: str = ""
    items: tuple[Item, ...] = ()
    messages: tuple[MessageForm, ...] = ()
    reason: str = ""
    official_text: str = ""

    @property
    def standing(self) -> str:
        """In a few words, that no record is checked with it by itself; empty where each is."""
        if not self.reason:
            return ""
        # What is written is run by a site that receives records; what is left out, by nobody.
        return "Not run on a record by itself" if self.clauses else "Not run on a record"


@dataclass(frozen=True, slots=True)
class EditLine:
    """One edit in a list; `rule` is what it asks, in one line."""

    id: str
    severity: Severity
    type: EditType
    rule: str = ""


@dataclass(frozen=True, slots=True)
class ItemPage:
    """One item.

    Attributes:
        pack: Its data specification.
        item: The item.
        edits: Those that name it.
    """

    pack: Pack
    item: Item
    edits: tuple[EditLine, ...]


def item_page(pack: Pack, item: str) -> ItemPage | None:
    """Look up an item.

    Args:
        pack: The data specification.
        item: Its id.

    Returns:
        None where there is no such item.
    """
    if item not in pack.items:
        return None
    return ItemPage(pack, pack.items[item], tuple(_edits_by_item(pack).get(item, ())))


def edit_page(pack: Pack, edit: str, own_messages: Sequence[Message]) -> EditPage | None:
    """Look up an edit: one that runs, one that is left out, or a message of the project's own.

    Args:
        pack: The data specification.
        edit: Its id.
        own_messages: The catalogues of the project's own messages.

    Returns:
        None where there is no such edit. Of advice, and where no record can be made, there is no example.
    """
    page = edit_facts(pack, edit, own_messages)
    if page is None or page.messages or page.reason or page.type is EditType.ADVICE:
        return page
    example = example_message(pack, edit)
    return replace(page, messages=(example,)) if example else page


def edit_facts(pack: Pack, edit: str, own_messages: Sequence[Message]) -> EditPage | None:
    """Look up an edit as `edit_page` does, but without an example, for which records must be made."""
    for written_edit in _written_edits(pack):
        if written_edit.id == edit:
            page = _written_page(pack, written_edit)
            return _database_page(page, written_edit, own_messages) if written_edit.predicates else page
    for format_edit in pack.format_edits:
        if format_edit.id == edit:
            return _format_page(pack, format_edit)
    if edit == pack.subset_edit:
        items = (pack.subset_item, *pack.subset_rules[0].conditions)
        return _whole_record_page(pack, edit, _SUBSET_RULE, items)
    if edit == pack.version_edit:
        deciding = (pack.in_force_item,) if pack.in_force_item else ()
        return _whole_record_page(pack, edit, _VERSION_RULE, (SPEC_VERSION_ITEM, *deciding))
    return _message_page(pack, edit, own_messages)


def edit_ids(pack: Pack, own_messages: Sequence[Message]) -> list[str]:
    """List every edit for which there is a page.

    Args:
        pack: The data specification.
        own_messages: As for `edit_page`.
    """
    run = [pack.subset_edit, pack.version_edit, *(edit.id for edit in pack.format_edits)]
    own = [message.edit_id for message in _messages_of(pack, own_messages)]
    every = [*run, *(edit.id for edit in _written_edits(pack)), *pack.left_out, *own]
    return [edit for edit in dict.fromkeys(every) if edit]


@lru_cache(maxsize=4096)
def example_message(pack: Pack, edit: str) -> MessageForm | None:
    """Make the message on a made-up record that breaks an edit.

    Args:
        pack: The data specification.
        edit: Id of an edit that runs.

    Returns:
        None where no such record could be made.
    """
    day = pack.in_force_from + timedelta(days=_EXAMPLE_DAYS)
    # Another item subset is tried sooner than many records of one.
    for persistent, subset in itertools.product((False, True), pack.subsets):
        try:
            items = make_record(
                pack, subset, seed=1, number=1, break_edit=edit, today=day, persistent=persistent
            )
        except (UnbreakableEditError, RuntimeError):
            # No record of this subset breaks it, or none at all satisfies the pack's edits.
            continue
        record = Record(1, "example.xml", "ASSESSMENT", items, MemoryContent(b""))
        for finding in (*check_assessment(record, pack, subset, day), *version_findings(pack, items)):
            if finding.edit_id == edit:
                return MessageForm(finding.message, finding.remedy, example=True)
    return None


@lru_cache(maxsize=16)
def places_of(pack: Pack) -> Mapping[str, int]:
    """Number the items of a pack in the order of the record."""
    return {item: place for place, item in enumerate(pack.items)}


def rule_in_words(pack: Pack, edit: Edit) -> tuple[ClauseRule, ...]:
    """Put the clauses of an edit into plain words.

    Args:
        pack: Its data specification.
        edit: The edit.
    """
    places = places_of(pack)
    must = "must" if edit.severity is Severity.FATAL else "should"
    return tuple(
        ClauseRule(
            clause.label,
            outline_condition(clause.condition, places) if clause.condition else None,
            outline_requirement(clause.requirement, places, must),
        )
        for clause in edit.clauses
    )


def rule_in_a_line(clauses: Sequence[ClauseRule]) -> str:
    """Put what an edit asks into one line: its first sentence, cut short where it is long.

    Args:
        clauses: The rule as an outline, of one clause at least.
    """
    first = clauses[0]
    requirement = _flat(first.requirement)
    sentence = f"If {_flat(first.condition)}, then {requirement}" if first.condition else requirement
    line = textwrap.shorten(f"{sentence[:1].upper()}{sentence[1:]}.", _LINE, placeholder=" …")
    more = len(clauses) - 1
    return f"{line} ({more} more {'sentence' if more == 1 else 'sentences'})" if more else line


def _flat(outline: Outline) -> str:
    parts = "; ".join(_flat(part) for part in outline.parts)
    return f"{outline.text} {parts}" if parts else outline.text


@lru_cache(maxsize=16)
def _official_texts(pack: Pack) -> dict[str, str]:
    return read_official_texts(pack)


def _written_edits(pack: Pack) -> Iterator[Edit]:
    """The edits in the edit language: those of the checks, those that need a database, then the advice."""
    yield from pack.consistency_edits
    yield from pack.database_edits
    yield from pack.advice_edits


def _written_page(pack: Pack, edit: Edit) -> EditPage:
    return EditPage(
        id=edit.id,
        system=OWN_SYSTEM if edit.id.startswith("IF-") else pack.system,
        pack=pack,
        severity=edit.severity,
        type=edit.type,
        since=edit.since,
        clauses=rule_in_words(pack, edit),
        text=write_edit(edit, places_of(pack)),
        items=tuple(pack.items[item] for item in edit.items),
        official_text=_official_texts(pack).get(edit.id, ""),
    )


def _database_page(page: EditPage, edit: Edit, own_messages: Sequence[Message]) -> EditPage:
    """Add why no record breaks it by itself, and what it says where it has a message of its own."""
    messages = [one for one in _messages_of(page.pack, own_messages) if one.edit_id == edit.id]
    return replace(page, messages=_message_forms(messages), reason=what_it_needs(edit))


def _format_page(pack: Pack, edit: FormatEdit) -> EditPage:
    return EditPage(
        id=edit.id,
        system=pack.system,
        pack=pack,
        severity=edit.severity,
        type=edit.type,
        since=edit.since,
        rule=format_rule(edit),
        items=tuple(item for item in pack.items.values() if item.id in edit.items),
        official_text=_official_texts(pack).get(edit.id, ""),
    )


def _whole_record_page(pack: Pack, edit: str, rule: str, items: Sequence[str]) -> EditPage:
    return EditPage(
        id=edit,
        system=pack.system,
        pack=pack,
        severity=Severity.FATAL,
        type=EditType.CONSISTENCY,
        rule=rule,
        items=tuple(pack.items[item] for item in items),
        official_text=_official_texts(pack).get(edit, ""),
    )


def _message_page(pack: Pack, edit: str, own_messages: Sequence[Message]) -> EditPage | None:
    """Show an edit of which only its messages are known, or only why it is left out, or both."""
    messages = [message for message in _messages_of(pack, own_messages) if message.edit_id == edit]
    if not messages and edit not in pack.left_out:
        return None
    return EditPage(
        id=edit,
        system=messages[0].system if messages else pack.system,
        pack=pack,
        severity=messages[0].severity if messages else None,
        type=messages[0].edit_type if messages else None,
        messages=_message_forms(messages),
        reason=pack.left_out.get(edit, ""),
        official_text=_official_texts(pack).get(edit, ""),
    )


def _message_forms(messages: Iterable[Message]) -> tuple[MessageForm, ...]:
    return tuple(MessageForm(one.text, one.remedy, example=False) for one in messages)


def _messages_of(pack: Pack, own_messages: Sequence[Message]) -> Iterator[Message]:
    """The messages that files of the pack's system can get, weighing what the pack says."""
    for message in own_messages:
        if message.system in {OWN_SYSTEM, pack.system}:
            kind = _STRUCTURE_KINDS.get(message.edit_id)
            yield message.weighing(pack.structure[kind]) if kind else message


@lru_cache(maxsize=16)
def _edits_by_item(pack: Pack) -> Mapping[str, list[EditLine]]:
    lines: dict[str, list[EditLine]] = {}
    for format_edit in pack.format_edits:
        line = EditLine(format_edit.id, format_edit.severity, format_edit.type, format_rule(format_edit))
        for item in format_edit.items:
            lines.setdefault(item, []).append(line)
    for edit in _written_edits(pack):
        rule = rule_in_a_line(rule_in_words(pack, edit))
        for item in edit.items:
            lines.setdefault(item, []).append(EditLine(edit.id, edit.severity, edit.type, rule))
    return lines

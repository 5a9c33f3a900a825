"""What becomes of each edit of a release: translated, compared with what was written, or left to a person."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from iqies_flask.model import EditType
from iqies_flask.specs.edits.parser import EditSyntaxError, parse_edits
from iqies_flask.specs.importing.comparison import RECORDS, Comparison, compare
from iqies_flask.specs.importing.pack_files import text_hash
from iqies_flask.specs.importing.readings import Reading, read_text
from iqies_flask.specs.importing.release import OfficialEdit, Release
from iqies_flask.specs.importing.translation import Translation, UntranslatableError, translate
from iqies_flask.specs.integrity import rule_problems
from iqies_flask.specs.pack import Pack


class Outcome(StrEnum):
    """What became of an edit."""

    CONFIRMED = "confirmed"
    """Translated; the edit already written gives the same verdicts, and stays as it is written."""
    DIFFERENT = "different"
    """Translated; the edit already written gives other verdicts. The translation is in the new pack."""
    TRANSLATED = "translated"
    """Translated; there was none before."""
    TAKEN_OVER = "taken over"
    """Not translated; the edit already written is in the new pack, and should be read against CMS's text."""
    TO_WRITE = "to write"
    """Not translated, and not written before: a person must write it, or say why it is left out."""
    FORMAT = "format"
    """A Format edit with a check of that number."""
    FORMAT_TO_WRITE = "format to write"
    """A Format edit without one."""
    KEPT = "kept"
    """In the pack before and not in the release, which is then not complete: CMS marks what it deletes."""
    DELETED = "deleted"
    """Deleted by CMS."""
    INFORMATION = "information"
    """No check."""


@dataclass(frozen=True, slots=True)
class EditOutcome:
    """What became of one edit.

    Attributes:
        id: Its number.
        outcome: What.
        official: As CMS publishes it; None for what the release does not have.
        text: As it is in the new pack, in the edit language; empty where it is not, and for Format edits.
        reason: Why it was not translated, or what a person should look at; often empty.
        before: As it was written before, where that is not what is in the new pack.
        comparison: With what was written before, where there are both.
        readings: Where words of CMS's were read otherwise than they stand.
        words_changed: Whether CMS's words are others than those of the pack before; None where it does not
            say.
    """

    id: str
    outcome: Outcome
    official: OfficialEdit | None = None
    text: str = ""
    reason: str = ""
    before: str = ""
    comparison: Comparison | None = None
    readings: tuple[Reading, ...] = ()
    words_changed: bool | None = None


def settle_edits(
    release: Release,
    pack: Pack,
    before: Mapping[str, str],
    records: int = RECORDS,
    *,
    readings: Iterable[Reading] = (),
    hashes: Mapping[str, str] | None = None,
) -> list[EditOutcome]:
    """Find out what becomes of every edit.

    Args:
        release: The release.
        pack: Made of its items, values and Format edits, without consistency edits.
        before: The consistency edits of the pack before: number to text in the edit language.
        records: On how many records to compare two writings of one edit.
        readings: How words of CMS's are read that cannot be taken as they stand.
        hashes: Of CMS's words for the edits of the pack before: number to what `text_hash` makes of them.

    Returns:
        Those of the pack before in their order, and then the others by number.
    """
    format_edits = {edit.id for edit in pack.format_edits}
    readings = tuple(readings)
    outcomes = []
    for number in dict.fromkeys((*before, *release.edits)):
        official = release.edits.get(number)
        if official is None:
            outcomes.append(_kept(number, before[number], pack))
        elif official.deleted:
            outcomes.append(EditOutcome(number, Outcome.DELETED, official))
        elif not official.executable:
            outcomes.append(EditOutcome(number, Outcome.INFORMATION, official))
        elif number in format_edits:
            outcomes.append(_format(official, pack))
        elif official.type is EditType.FORMAT and number not in before:
            outcomes.append(EditOutcome(number, Outcome.FORMAT_TO_WRITE, official))
        else:
            text, taken = read_text(official.text, number, readings)
            outcome = _settle(official, text, pack, before.get(number, ""), records)
            outcomes.append(replace(outcome, readings=taken))
    outcomes = [replace(one, words_changed=_words_changed(one, hashes or {})) for one in outcomes]
    missing = [number for number in format_edits if number not in release.edits]
    return outcomes + [EditOutcome(number, Outcome.KEPT) for number in sorted(missing, reverse=True)]


def _words_changed(outcome: EditOutcome, hashes: Mapping[str, str]) -> bool | None:
    if outcome.official is None or outcome.id not in hashes:
        return None
    return text_hash(outcome.official.text) != hashes[outcome.id]


def pack_text(release: Release, outcomes: Iterable[EditOutcome]) -> str:
    """Write the consistency edits of the new pack."""
    head = (
        f"# The edits of {release.system} {release.version} that compare items with each other, in the edit\n"
        "# language (docs/edit-language.md): made by `iqies specs import`. The report beside this file says\n"
        "# which of them were translated, and official_texts.tsv has CMS's own words.\n"
    )
    return "\n".join([head, *(outcome.text for outcome in outcomes if outcome.text)])


def _settle(official: OfficialEdit, text: str, pack: Pack, before: str, records: int) -> EditOutcome:
    written, problem = _parsed(before, pack)
    try:
        translation = translate(replace(official, text=text), pack.items)
        wrong = "; ".join(f"{official.id}{one}" for one in rule_problems(translation.edit, pack))
        if wrong:
            raise UntranslatableError(wrong)
    except UntranslatableError as error:
        if written is None:
            reason = "; ".join(part for part in (str(error), problem) if part)
            return EditOutcome(official.id, Outcome.TO_WRITE, official, reason=reason, before=before)
        reason = "; ".join(
            (str(error), *(f"{official.id}{one}" for one in rule_problems(written.edit, pack)))
        )
        return EditOutcome(official.id, Outcome.TAKEN_OVER, official, written.text, reason)
    if written is None:
        alone = compare(translation.edit, translation.edit, pack, records)
        reason = problem or ("" if alone.agree or not records else _never_failed(alone))
        return EditOutcome(official.id, Outcome.TRANSLATED, official, translation.text, reason, before)
    comparison = compare(translation.edit, written.edit, pack, records)
    heads = [(edit.type, edit.severity) for edit in (translation.edit, written.edit)]
    if comparison.agree and heads[0] == heads[1]:
        kept = _with_version(before, official.version)
        return EditOutcome(official.id, Outcome.CONFIRMED, official, kept, comparison=comparison)
    reason = ""
    if heads[0] != heads[1]:
        reason = "CMS gives it another type or severity"
    elif not comparison.differing:
        reason = _not_compared(comparison)
    return EditOutcome(official.id, Outcome.DIFFERENT, official, translation.text, reason, before, comparison)


def _not_compared(comparison: Comparison) -> str:
    return f"{_never_failed(comparison)}: there, nothing was compared"


def _never_failed(comparison: Comparison) -> str:
    if not comparison.failed or comparison.untried == ("",):
        return "no generated record failed it"
    return f"no generated record failed {', '.join(f'({label})' for label in comparison.untried)}"


def _parsed(text: str, pack: Pack) -> tuple[Translation | None, str]:
    if not text:
        return None, ""
    try:
        (edit,) = parse_edits(text, tuple(pack.items))
    except EditSyntaxError as error:
        return None, f"what was written before does not fit the release: {error}"
    return Translation(text, edit), ""


def _kept(number: str, before: str, pack: Pack) -> EditOutcome:
    written, problem = _parsed(before, pack)
    if written is None:
        return EditOutcome(number, Outcome.TO_WRITE, reason=problem, before=before)
    wrong = "; ".join(f"{number}{one}" for one in rule_problems(written.edit, pack))
    return EditOutcome(number, Outcome.KEPT, text=before, reason=wrong)


def _format(official: OfficialEdit, pack: Pack) -> EditOutcome:
    applied = next(edit.items - edit.inferred for edit in pack.format_edits if edit.id == official.id)
    listed = {name for name in official.items if pack.items[name].submitted}
    parts = []
    if applied - listed:
        parts.append(f"applied, but not listed by CMS: {_few(applied - listed)}")
    if listed - applied:
        parts.append(f"listed by CMS, but not applied: {_few(listed - applied)}")
    return EditOutcome(official.id, Outcome.FORMAT, official, reason="; ".join(parts))


def _few(items: Iterable[str]) -> str:
    names = sorted(items)
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _with_version(text: str, version: str) -> str:
    head, _, rest = text.partition("\n")
    return f"{head.rpartition(' ')[0]} {version}\n{rest}"


def named(outcomes: Iterable[EditOutcome], *wanted: Outcome) -> Iterator[EditOutcome]:
    """Choose outcomes by their kind."""
    return (outcome for outcome in outcomes if outcome.outcome in wanted)

"""What an import did, for a person and for a program."""

import json
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from iqies_flask.specs.importing.advice import AdviceOutcome
from iqies_flask.specs.importing.comparison import Comparison
from iqies_flask.specs.importing.edits import EditOutcome, Outcome, named
from iqies_flask.specs.importing.release import Release

_WIDTH = 110
_TRANSLATED = (Outcome.CONFIRMED, Outcome.DIFFERENT, Outcome.TRANSLATED)
_EXECUTABLE = (*_TRANSLATED, Outcome.TAKEN_OVER, Outcome.TO_WRITE)
_SAME_VERDICTS = (
    "CMS changed the words, but the translation gives the verdicts of what was written. Read them against "
    "each other:"
)
_HEADINGS = {
    Outcome.CONFIRMED: _SAME_VERDICTS,
    Outcome.DIFFERENT: "Translated, but what was written gives other verdicts. The translation counts now:",
    Outcome.TO_WRITE: "To be written by a person, or to be left out with a reason:",
    Outcome.FORMAT_TO_WRITE: "Format edits without a check of their number:",
    Outcome.TAKEN_OVER: "Not translated; taken over as written before. Read them against CMS's text:",
    Outcome.TRANSLATED: "New, translated. Read them against CMS's text:",
    Outcome.KEPT: "Not in the release, kept as they were:",
    Outcome.DELETED: "Deleted by CMS:",
}
_SHOWN_WITH_TEXT = (
    Outcome.CONFIRMED,
    Outcome.DIFFERENT,
    Outcome.TO_WRITE,
    Outcome.FORMAT_TO_WRITE,
    Outcome.TAKEN_OVER,
)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    Attributes:
        release: The release.
        base: Name of the pack from which the rest was taken over.
        outcomes: What became of each edit.
        advice: What became of each rule of the project's own advice.
    """

    release: Release
    base: str
    outcomes: list[EditOutcome]
    advice: list[AdviceOutcome]

    @property
    def counts(self) -> dict[str, int]:
        """Outcome to the number of edits, all outcomes in their order."""
        counted = Counter(outcome.outcome for outcome in self.outcomes)
        return {str(outcome): counted[outcome] for outcome in Outcome}

    @property
    def executable(self) -> int:
        """Edits of the release that are checks and not on the format of one item."""
        return sum(1 for outcome in named(self.outcomes, *_EXECUTABLE) if outcome.official)

    @property
    def translated(self) -> int:
        """Of these, how many were translated."""
        return sum(1 for _ in named(self.outcomes, *_TRANSLATED))

    @property
    def words_changed(self) -> int | None:
        """Edits for which CMS's words are others than before; None where the pack before has no words."""
        known = [outcome for outcome in self.outcomes if outcome.words_changed is not None]
        return sum(1 for outcome in known if outcome.words_changed) if known else None

    @property
    def translated_as_read(self) -> int:
        """Of those translated, how many only as words of theirs are read, not as they stand."""
        return sum(1 for outcome in named(self.outcomes, *_TRANSLATED) if outcome.readings)


def as_text(report: ImportReport) -> str:
    """Write the report for a person."""
    return "\n".join(_lines(report)) + "\n"


def as_json(report: ImportReport) -> str:
    """Write the report for a program: the counts, and every edit with its outcome."""
    release = report.release
    document = {
        "system": release.system,
        "version": release.version,
        "release": release.name,
        "taken_over_from": report.base,
        "items": len(release.items),
        "values": len(release.values),
        "edits": len(release.edits),
        "executable": report.executable,
        "translated": report.translated,
        "translated_as_read": report.translated_as_read,
        "words_changed": report.words_changed,
        "outcomes": report.counts,
        "advice": [{"id": rule.id, "kept": bool(rule.text), "reason": rule.reason} for rule in report.advice],
        "details": [_detail(outcome) for outcome in report.outcomes],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _lines(report: ImportReport) -> Iterator[str]:
    release, counts = report.release, report.counts
    share = f" ({100 * report.translated // report.executable} %)" if report.executable else ""
    yield f"{release.system} {release.name}"
    yield f"{len(release.items):,} items, {len(release.values):,} values, {len(release.edits):,} edits."
    yield f"What a release does not say was taken over from {report.base}."
    if report.words_changed is None:
        yield f"CMS's words were not compared with those of {report.base}: it has none to compare with."
    else:
        yield f"CMS's words differ from those of {report.base} in {report.words_changed} of its edits."
    yield ""
    yield f"Edits that compare items: {report.executable}, translated: {report.translated}{share}"
    if report.translated_as_read:
        yield f"  of them by a reading, see below   {report.translated_as_read:>5}"
    yield f"  same verdicts as already written  {counts[Outcome.CONFIRMED]:>5}"
    yield f"  other verdicts                    {counts[Outcome.DIFFERENT]:>5}"
    yield f"  not written before                {counts[Outcome.TRANSLATED]:>5}"
    yield f"Not translated, taken over          {counts[Outcome.TAKEN_OVER]:>7}"
    yield f"Not translated, to be written       {counts[Outcome.TO_WRITE]:>7}"
    yield f"Format edits with a check           {counts[Outcome.FORMAT]:>7}"
    yield f"Format edits without one            {counts[Outcome.FORMAT_TO_WRITE]:>7}"
    yield f"Deleted by CMS                      {counts[Outcome.DELETED]:>7}"
    yield f"Information only                    {counts[Outcome.INFORMATION]:>7}"
    yield f"Not in the release, kept            {counts[Outcome.KEPT]:>7}"
    for wanted, heading in _HEADINGS.items():
        found = list(named(report.outcomes, wanted))
        if wanted is Outcome.CONFIRMED:
            found = [outcome for outcome in found if outcome.words_changed]
        # What CMS changed is what has to be read first.
        found.sort(key=lambda outcome: not outcome.words_changed)
        if found:
            yield ""
            yield heading
        for outcome in found:
            yield from _edit_lines(outcome)
    yield from _advice(report.advice)
    yield from _readings(report.outcomes)
    remarks = [outcome for outcome in named(report.outcomes, Outcome.FORMAT) if outcome.reason]
    if remarks:
        yield ""
        yield "Format edits that apply to other items than CMS lists:"
        for outcome in remarks:
            yield from _wrapped(f"{outcome.id}: {outcome.reason}", "  ")


def _advice(advice: list[AdviceOutcome]) -> Iterator[str]:
    kept = [rule.id for rule in advice if rule.text]
    if kept:
        yield ""
        yield from _wrapped(f"Advice of the project's own, kept: {', '.join(kept)}", "")
    gone = [rule for rule in advice if not rule.text]
    if gone:
        yield ""
        yield "Advice of the project's own, not kept:"
    for rule in gone:
        yield from _wrapped(f"{rule.id}: {rule.reason}", "  ")


def _readings(outcomes: list[EditOutcome]) -> Iterator[str]:
    read = [outcome for outcome in outcomes if outcome.readings]
    if read:
        yield ""
        yield "Words of CMS's that were read otherwise than they stand:"
    for outcome in read:
        yield f"  {outcome.id}"
        for reading in outcome.readings:
            yield from _wrapped(f"CMS: {reading.cms}", "      ")
            yield from _wrapped(f"Read: {reading.read or 'left out'}", "      ")
            yield from _wrapped(f"Because: {reading.reason}", "      ")


def _edit_lines(outcome: EditOutcome) -> Iterator[str]:
    changed = "CMS changed its words" if outcome.words_changed else ""
    remarks = "; ".join(remark for remark in (changed, outcome.reason) if remark)
    yield from _wrapped(f"{outcome.id}{f': {remarks}' if remarks else ''}", "  ")
    if outcome.comparison is not None:
        yield from _wrapped(_difference(outcome.comparison), "      ")
    if outcome.official is not None and outcome.outcome in _SHOWN_WITH_TEXT:
        yield from _wrapped(f"CMS: {outcome.official.text}", "      ")
    if outcome.outcome is Outcome.CONFIRMED:
        yield from (f"      {line}" for line in outcome.text.splitlines())
    if outcome.outcome is Outcome.DIFFERENT:
        yield from (
            f"      {line}" for line in (*outcome.text.splitlines(), "before:", *outcome.before.splitlines())
        )


def _difference(comparison: Comparison) -> str:
    if comparison.example is None:
        return f"{comparison.records:,} records, the same verdict on each"
    record = ", ".join(f"{item} = {value}" for item, value in comparison.example.items())
    refuses = "the translation" if comparison.first_fails else "what was written before"
    return (
        f"{comparison.differing:,} of {comparison.records:,} records differ. Only {refuses} refuses this "
        f"record of subset {comparison.subset}: {record or 'all blank'}"
    )


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _detail(outcome: EditOutcome) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "id": outcome.id,
        "outcome": str(outcome.outcome),
        "words_changed": outcome.words_changed,
    }
    if outcome.official is not None:
        official = outcome.official
        detail["type"] = str(official.type) if official.type else None
        detail["severity"] = str(official.severity) if official.severity else None
        detail["official_text"] = official.text
    detail |= {
        name: text
        for name, text in (("text", outcome.text), ("reason", outcome.reason), ("before", outcome.before))
        if text
    }
    if outcome.readings:
        detail["readings"] = [
            {"cms": reading.cms, "read": reading.read, "reason": reading.reason}
            for reading in outcome.readings
        ]
    comparison = outcome.comparison
    if comparison is not None:
        detail["comparison"] = {
            "records": comparison.records,
            "refused_by_both": comparison.failed,
            "differing": comparison.differing,
            "untried": list(comparison.untried),
            "example": dict(comparison.example) if comparison.example is not None else None,
        }
    return detail

"""The installed packs, and which of them a record is checked with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from iqies_flask.dates import date_in_words
from iqies_flask.model import EditType, Finding, ItemValue, Severity
from iqies_flask.specs.dates import parse_date
from iqies_flask.specs.integrity import problems
from iqies_flask.specs.messages import NO_PACK, NOT_INSTALLED
from iqies_flask.specs.pack import Pack, PackError, SpecVersionDates, load_pack
from iqies_flask.specs.wording import shown

SYSTEM_ITEM = "ASMT_SYS_CD"
"""The item in which an assessment names its system."""

SPEC_VERSION_ITEM = "SPEC_VRSN_CD"
"""The item in which it names the version of the data specifications."""


@dataclass(frozen=True, slots=True)
class PackChoice:
    """The pack for a record, or why there is none.

    Attributes:
        pack: None where no pack applies; then a fatal finding says why.
        closest: The pack itself, or else the system's newest: good enough to name the record by.
        findings: Also there where a pack was found but the record's version item disagrees with its date.
    """

    pack: Pack | None
    closest: Pack | None
    findings: tuple[Finding, ...] = ()


class SpecRegistry:
    """All packs of an installation.

    Args:
        folders: Folders with a ``pack.toml``. Of two packs for one system and version the later counts.

    Raises:
        PackError: A pack can't be read, or is not sound.
    """

    def __init__(self, folders: Iterable[Path] = ()) -> None:
        self._packs: dict[tuple[str, str], Pack] = {}
        for folder in folders:
            pack = load_pack(folder)
            wrong = problems(pack, rules=False)
            if wrong:
                more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
                raise PackError(f"{folder}: {wrong[0]}{more}")
            self._packs[pack.system, pack.version] = pack

    @property
    def packs(self) -> list[Pack]:
        """Every pack, by system and then by its first date in force."""
        return sorted(self._packs.values(), key=lambda pack: (pack.system, pack.in_force_from))

    def get(self, system: str, version: str) -> Pack | None:
        """Look up one pack.

        Args:
            system: ``MDS`` or ``OASIS``.
            version: As SPEC_VRSN_CD writes it.
        """
        return self._packs.get((system, version))

    def choose(self, system: str, items: Mapping[str, str]) -> PackChoice:
        """Choose the pack that was in force on a record's own date.

        Where the record holds no readable date, its version item decides, and where that names no installed
        pack the newest one does: the checks then say what is wrong with the date.

        Args:
            system: ``MDS`` or ``OASIS``.
            items: The record's items, unchecked.
        """
        packs = [pack for pack in self.packs if pack.system == system]
        if not packs:
            return PackChoice(None, None, (NOT_INSTALLED.finding(system=system),))
        newest = packs[-1]
        deciding_item, day = _deciding_date(newest, items)
        if day is None:
            undated = self.get(system, items.get(SPEC_VERSION_ITEM, "")) or newest
            return PackChoice(undated, undated)
        covering = [pack for pack in packs if pack.covers(day)]
        if covering:
            chosen = covering[-1]
            return PackChoice(chosen, chosen, version_findings(chosen, items))
        installed = "; ".join(f"{pack.name}, in force {pack.dates_in_force}" for pack in packs)
        finding = NO_PACK.finding(
            _item_value(newest, deciding_item, items),
            day=date_in_words(day),
            item=deciding_item,
            system=system,
            installed=installed,
        )
        return PackChoice(None, newest, (finding, *version_findings(newest, items)))


def _deciding_date(pack: Pack, items: Mapping[str, str]) -> tuple[str, date | None]:
    item = pack.in_force_item or pack.target_date_item(items)
    return (item, parse_date(items.get(item, ""))) if item else ("", None)


def _item_value(pack: Pack, item: str, items: Mapping[str, str]) -> ItemValue:
    known = pack.items.get(item)
    return ItemValue(item, known.label if known else "", items.get(item))


def version_findings(pack: Pack, items: Mapping[str, str]) -> tuple[Finding, ...]:
    """Compare the deciding date with the dates of the submitted version code (OASIS -5460).

    Args:
        pack: Names the edit and the dates of each version.
        items: The record's items.
    """
    submitted = items.get(SPEC_VERSION_ITEM)
    deciding_item, day = _deciding_date(pack, items)
    if not pack.version_edit or submitted is None or day is None:
        return ()
    dates = pack.spec_versions.get(submitted)
    if dates and _spans(dates, day):
        return ()
    right = [version for version, span in pack.spec_versions.items() if _spans(span, day)]
    return (
        Finding(
            edit_id=pack.version_edit,
            system=pack.system,
            severity=Severity.FATAL,
            edit_type=EditType.CONSISTENCY,
            message=(
                f"{SPEC_VERSION_ITEM} is {shown(submitted)}, which is not the version of the data "
                f"specifications for {date_in_words(day)} ({deciding_item})."
            ),
            remedy=f"Send {right[-1]}, or correct the date." if right else "Correct the date.",
            items=(_item_value(pack, SPEC_VERSION_ITEM, items), _item_value(pack, deciding_item, items)),
        ),
    )


def _spans(dates: SpecVersionDates, day: date) -> bool:
    return (dates.first is None or dates.first <= day) and (dates.last is None or day <= dates.last)

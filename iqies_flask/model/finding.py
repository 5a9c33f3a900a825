"""A finding: one edit that one record failed, in words for a person."""

from dataclasses import dataclass
from enum import StrEnum

OWN_SYSTEM = "iqies_flask"
"""The system named beside an id of this project's own, so that it is never taken for one of CMS's."""


class Severity(StrEnum):
    """How much a finding weighs. Fatal rejects its record; the others never do."""

    FATAL = "Fatal"
    WARNING = "Warning"
    ADVICE = "Advice"


class EditType(StrEnum):
    """The type of an edit, as CMS's data specifications name it, and the project's own kinds."""

    STRUCTURE = "Structure"
    FORMAT = "Format"
    CONSISTENCY = "Consistency"
    SKIP_PATTERN = "Skip pattern"
    NONE_OF_ABOVE = "None of above"
    SYSTEM = "System"
    ADVICE = "Advice"


@dataclass(frozen=True, slots=True)
class ItemValue:
    """An item as the record has it.

    Attributes:
        item: The item's id, for example ``M0064_SSN``; the element's name where it is no item.
        label: The item's label from the data specification; empty where there is none.
        value: The submitted text; None where the element is not in the record.
    """

    item: str
    label: str = ""
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One edit that a record (or a whole file) failed.

    Attributes:
        edit_id: The number with its sign (``-3060``), or an id of the project's or a plugin's own.
        system: Whose number it is: ``MDS``, ``OASIS``, ``PBJ``, ``iqies_flask`` or a plugin's name.
        severity: Fatal rejects the record.
        edit_type: The kind of rule.
        message: One or two plain sentences that say what is wrong with the values at hand.
        remedy: One plain sentence that says what to do.
        items: The items concerned, in the order of the record.
        plugin: Who reported it; filled in by the chain.
    """

    edit_id: str
    system: str
    severity: Severity
    edit_type: EditType
    message: str
    remedy: str = ""
    items: tuple[ItemValue, ...] = ()
    plugin: str = ""

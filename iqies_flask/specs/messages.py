"""The project's own messages on a record against its pack, for which no public CMS number was found.

How much a missing, unknown, inactive or calculated item weighs is set in the pack. ``docs/messages.md`` lists
the messages for users.
"""

from iqies_flask.model import EditType, Message, Severity


def _structure(edit_id: str, severity: Severity, text: str, remedy: str) -> Message:
    return Message(edit_id, severity, text, remedy, EditType.STRUCTURE)


NO_PACK = _structure(
    "IF-301",
    Severity.FATAL,
    "The record's date is {day} ({item}), and no {system} data specification installed here is in force "
    "then. Installed: {installed}.",
    "Check the date. If it is right, the operator has to install the specification of that time. "
    "The record was not checked further.",
)
MISSING_ITEM = _structure(
    "IF-302",
    Severity.FATAL,
    "{item} ({label}) is not in the record. It is active for {subset}.",
    "Add the element. It may hold {allowed}.",
)
UNKNOWN_ITEM = _structure(
    "IF-303",
    Severity.FATAL,
    "{item} is not an item of {pack}.{nearest}",
    "Correct the name of the element, or leave it out.",
)
INACTIVE_ITEM = _structure(
    "IF-304",
    Severity.WARNING,
    "{item} ({label}) is not active for {subset}. Its value was ignored and is not stored.",
    "Leave the element out of records of this subset.",
)
CALCULATED_ITEM = _structure(
    "IF-305",
    Severity.WARNING,
    "{item} ({label}) is calculated by the receiving system and is not submitted. "
    "Its value was ignored and is not stored.",
    "Leave the element out.",
)
EMPTY_ITEM = _structure(
    "IF-306",
    Severity.FATAL,
    "{item} ({label}) is an empty element.",
    "Send a value. The item may hold {allowed}.",
)
NOT_INSTALLED = _structure(
    "IF-307",
    Severity.FATAL,
    "No {system} data specification is installed here, so the record cannot be checked.",
    "Tell the operator of this site.",
)
MORE_UNKNOWN_ITEMS = _structure(
    "IF-308",
    Severity.FATAL,
    "{count} more elements are not items of {pack}; only the first are listed.",
    "Correct the names of the elements, or leave them out.",
)
MORE_MISSING_ITEMS = _structure(
    "IF-309",
    Severity.FATAL,
    "Beyond the missing items listed, {count} more of those active for {subset} are not in the record.",
    "Send all items of the item subset; the reference of items shows which they are. If the record is of "
    "another reason for assessment, correct that.",
)

CATALOGUE: tuple[Message, ...] = (
    NO_PACK,
    MISSING_ITEM,
    UNKNOWN_ITEM,
    INACTIVE_ITEM,
    CALCULATED_ITEM,
    EMPTY_ITEM,
    NOT_INSTALLED,
    MORE_UNKNOWN_ITEMS,
    MORE_MISSING_ITEMS,
)
"""All of them, by their ids."""

"""The project's own findings on a record against its pack, for which no public CMS number was found.

The ids ``IF-301`` and up are the project's. `docs/messages.md` lists them for users.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from iqies_flask.model import EditType, Finding, ItemValue, Severity
from iqies_flask.model.finding import OWN_SYSTEM


@dataclass(frozen=True, slots=True)
class OwnMessage:
    """One message of the project's own.

    Attributes:
        title: What it is about, in a few words.
        text: The message, with ``{...}`` for what differs.
        remedy: What to do.
    """

    title: str
    text: str
    remedy: str


NO_PACK = "IF-301"
MISSING_ITEM = "IF-302"
UNKNOWN_ITEM = "IF-303"
INACTIVE_ITEM = "IF-304"
CALCULATED_ITEM = "IF-305"
EMPTY_ITEM = "IF-306"
NOT_INSTALLED = "IF-307"

PACK_MESSAGES: Mapping[str, OwnMessage] = MappingProxyType(
    {
        NO_PACK: OwnMessage(
            "No data specification for the record's date",
            "The record's date is {day} ({item}), and no {system} data specification installed here is in "
            "force then. Installed: {installed}.",
            "Check the date. If it is right, the operator has to install the specification of that time. "
            "The record was not checked further.",
        ),
        MISSING_ITEM: OwnMessage(
            "Active item missing",
            "{item} ({label}) is not in the record. It is active for item subset {subset} ({subset_label}).",
            "Add the element; a blank is sent as ^.",
        ),
        UNKNOWN_ITEM: OwnMessage(
            "Unknown item",
            "{item} is not an item of {pack}.{nearest}",
            "Correct the name of the element, or leave it out.",
        ),
        INACTIVE_ITEM: OwnMessage(
            "Inactive item ignored",
            "{item} ({label}) is not active for item subset {subset} ({subset_label}). "
            "Its value was ignored and is not stored.",
            "Leave the element out of records of this subset.",
        ),
        CALCULATED_ITEM: OwnMessage(
            "Calculated item ignored",
            "{item} ({label}) is calculated by the receiving system and is not submitted. "
            "Its value was ignored and is not stored.",
            "Leave the element out.",
        ),
        EMPTY_ITEM: OwnMessage(
            "Empty element",
            "{item} ({label}) is an empty element.",
            "Send ^ where there is no value, if the item allows a blank; otherwise send the value.",
        ),
        NOT_INSTALLED: OwnMessage(
            "System without a data specification",
            "No {system} data specification is installed here, so the record cannot be checked.",
            "Tell the operator of this site.",
        ),
    }
)


def own_finding(
    message_id: str, severity: Severity, items: tuple[ItemValue, ...] = (), **fields: str
) -> Finding:
    """Make a finding from the catalogue.

    Args:
        message_id: One of the ids above.
        severity: As the pack sets it.
        items: The items concerned.
        **fields: What the text of the message leaves open.
    """
    message = PACK_MESSAGES[message_id]
    return Finding(
        edit_id=message_id,
        system=OWN_SYSTEM,
        severity=severity,
        edit_type=EditType.STRUCTURE,
        message=message.text.format(**fields),
        remedy=message.remedy,
        items=items,
    )

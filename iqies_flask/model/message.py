"""An entry of a catalogue of messages, from which findings are made."""

from dataclasses import dataclass, replace

from iqies_flask.model.finding import OWN_SYSTEM, EditType, Finding, ItemValue, Severity


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of the catalogue.

    Attributes:
        edit_id: Its id, as reports show it.
        severity: Fatal rejects the record, or on a file what the message speaks of.
        text: What is wrong; ``{name}`` stands for a detail.
        remedy: What to do; likewise.
        edit_type: The kind of rule.
        system: Whose id it is.
    """

    edit_id: str
    severity: Severity
    text: str
    remedy: str
    edit_type: EditType = EditType.SYSTEM
    system: str = OWN_SYSTEM

    def weighing(self, severity: Severity) -> "Message":
        """Give back the same message with another severity, as a data specification may ask for."""
        return replace(self, severity=severity)

    def finding(self, *items: ItemValue, **details: object) -> Finding:
        """Make a finding of this message.

        Args:
            items: The items concerned.
            details: What stands for the names in braces.

        Raises:
            KeyError: A detail is missing.
        """
        return Finding(
            edit_id=self.edit_id,
            system=self.system,
            severity=self.severity,
            edit_type=self.edit_type,
            message=self.text.format_map(details),
            remedy=self.remedy.format_map(details),
            items=items,
        )

"""What happens to a record after its checks: normalizations, its route, the receipt of its delivery."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Change:
    """A normalization that scrubbing proposes. The submitted bytes stay as they came.

    Attributes:
        item: The item's id.
        before: The submitted text.
        after: The text as it is stored.
        reason: In plain words, with the number of CMS's rule where there is one.
        plugin: Who proposed it; filled in by the chain.
    """

    item: str
    before: str
    after: str
    reason: str
    plugin: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a record goes.

    Attributes:
        destination: A name that the delivering plugin or the application knows, such as ``assessments``.
        description: The same for a person: "the assessment store", "the legacy QIES gateway".
    """

    destination: str
    description: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a record was handed over.

    Attributes:
        record_number: The record's number in its submission.
        reference: What the receiver knows it by.
        message: What to tell the submitter.
        delivered_at: Time of the hand-over, UTC.
        details: Whatever else the receiver said, as text.
    """

    record_number: int
    reference: str
    message: str
    delivered_at: datetime
    details: dict[str, str] = field(default_factory=dict)

"""What every room speaks of: records, findings, changes, routes. Plain data."""

from iqies_flask.model.finding import EditType, Finding, ItemValue, Severity
from iqies_flask.model.message import Message
from iqies_flask.model.record import Content, MemoryContent, Record, RecordSummary
from iqies_flask.model.routing import Change, Receipt, Route

__all__ = [
    "Change",
    "Content",
    "EditType",
    "Finding",
    "ItemValue",
    "MemoryContent",
    "Message",
    "Receipt",
    "Record",
    "RecordSummary",
    "Route",
    "Severity",
]

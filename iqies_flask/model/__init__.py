"""What every room speaks of: records, findings, changes, routes, proofing. Plain data."""

from iqies_flask.model.finding import EditType, Finding, ItemValue, Severity
from iqies_flask.model.message import Message
from iqies_flask.model.proofing import (
    Applicant,
    AskQuestions,
    Choice,
    Failed,
    LeaveToOfficer,
    NeedReference,
    ProofingAnswer,
    ProofingRequest,
    Proved,
    Question,
)
from iqies_flask.model.record import Content, MemoryContent, Record, RecordSummary
from iqies_flask.model.routing import Change, Receipt, Route

__all__ = [
    "Applicant",
    "AskQuestions",
    "Change",
    "Choice",
    "Content",
    "EditType",
    "Failed",
    "Finding",
    "ItemValue",
    "LeaveToOfficer",
    "MemoryContent",
    "Message",
    "NeedReference",
    "ProofingAnswer",
    "ProofingRequest",
    "Proved",
    "Question",
    "Receipt",
    "Record",
    "RecordSummary",
    "Route",
    "Severity",
]

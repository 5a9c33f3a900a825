"""The catalogue of messages on what becomes of a record after the checks.

Where CMS has a number for one, it is given instead of this project's own. ``docs/messages.md`` lists the
catalogue for users.
"""

from dataclasses import replace

from iqies_flask.model import Message, Severity

DUPLICATE = Message(
    "IF-501",
    Severity.FATAL,
    "This record is a duplicate: one for the same person, provider, reason for assessment and date is"
    " stored already.",
    "Nothing is lost and nothing needs to be sent again. To change what is stored, send a modification.",
)
NO_AUTHORITY = Message(
    "IF-502",
    Severity.FATAL,
    "User {user_id} may not submit records for the provider that this record names ({provider}).",
    "{why} Check the provider's identifiers in the record. If they are right, send the record again once you"
    " have the role.",
)
NOT_DELIVERED = Message(
    "IF-503",
    Severity.FATAL,
    "The record could not be handed over to {destination}, although that was tried several times.",
    "Send it again later. If that fails too, tell the people who run this site.",
)

NO_AUTHORITY_OF_CMS = {
    "MDS": replace(NO_AUTHORITY, edit_id="-3693", system="MDS"),
    "OASIS": replace(NO_AUTHORITY, edit_id="-3162", system="OASIS"),
}
"""The same as `NO_AUTHORITY` under CMS's number, by system."""

CATALOGUE = (DUPLICATE, NO_AUTHORITY, *NO_AUTHORITY_OF_CMS.values(), NOT_DELIVERED)

"""The reason that goes with a decision against somebody."""

from iqies_flask.access.errors import AccessError

MOST_CHARACTERS = 2000


def checked_reason(text: str) -> str:
    """Check a reason, and take the spaces around it away.

    Raises:
        AccessError: It is missing or too long.
    """
    reason = text.strip()
    if not reason:
        raise AccessError("Give a reason. The person reads it in an e-mail.")
    if len(reason) > MOST_CHARACTERS:
        raise AccessError(f"The reason has at most {MOST_CHARACTERS:,} characters.")
    return reason

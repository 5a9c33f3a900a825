"""What a browser is called, for lists and e-mails: ``Firefox on Windows``."""

_BROWSERS = (
    # Each of these also claims to be those below it.
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_UNKNOWN = "An unknown browser"


def browser_in_words(user_agent: str) -> str:
    """Put a User-Agent header into a few words."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), _UNKNOWN)
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser

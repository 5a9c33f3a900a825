"""Lists of words, one a line, by which what a person entered is judged. Lines with ``#`` are remarks."""

from functools import cache
from importlib.resources import files


@cache
def free_mail_domains() -> frozenset[str]:
    """Domains at which anybody gets an e-mail address."""
    return _words("free_mail_domains.txt")


@cache
def facility_words() -> frozenset[str]:
    """Words of facilities' names, as patterns with ``*``, and ``?`` before names of persons."""
    return _words("facility_words.txt")


def _words(name: str) -> frozenset[str]:
    lines = files(__name__).joinpath(name).read_text("utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))

"""What CMS's edits refer to without naming it, spelled out so that each sentence names its items."""

import re
from collections.abc import Iterable

_DEFINITION = re.compile(r'The following rules refer to the "(?P<name>[^"]+)" which are (?P<items>[^:]+): ')
_DIAGNOSIS = re.compile(r"\bthe (Primary/Other )?ICD code( in Column 2)?(?! in)\b")
_SEVERITY = re.compile(r"\bthe corresponding severity code\b")
_LETTERS = "abcdefgh"
_DIAGNOSIS_END, _SEVERITY_END = "_ICD", "_SEVERITY"


def spelled_out(text: str, items: Iterable[str]) -> str:
    """Name the items where an edit speaks of them by what they are.

    Args:
        text: CMS's words, with single spaces.
        items: The items that the edit's page lists.

    Returns:
        The text as it is where it refers to nothing that is known.
    """
    return _each_diagnosis(_defined(text), list(items))


def _defined(text: str) -> str:
    """Put the items in the place of a name that the edit gives them, whole or shortened by its first word."""
    definition = _DEFINITION.match(text)
    if definition is None:
        return text
    name = definition["name"]
    short = name.partition(" ")[2] or name
    rules = text[definition.end() :]
    for called in (name, short):
        rules = re.sub(rf"\bthe {re.escape(called)}\b", lambda _: definition["items"], rules)
    return rules


def _each_diagnosis(text: str, items: list[str]) -> str:
    """Write a sentence on a diagnosis and its severity once for each pair of the page."""
    diagnoses = [item for item in items if item.endswith(_DIAGNOSIS_END)]
    pairs = [(item, item.removesuffix(_DIAGNOSIS_END) + _SEVERITY_END) for item in diagnoses]
    alone = {item for item in items if item.endswith(_SEVERITY_END)} ^ {severity for _, severity in pairs}
    spoken_of = _DIAGNOSIS.search(text) and _SEVERITY.search(text)
    if not spoken_of or not pairs or alone or len(pairs) > len(_LETTERS):
        return text
    return " ".join(
        f"({letter}) {_SEVERITY.sub(severity, _DIAGNOSIS.sub(diagnosis, text))}"
        for letter, (diagnosis, severity) in zip(_LETTERS, pairs, strict=False)
    )

"""XML Schemas made from a pack: one for each item subset, and one with the types that they share.

They say of one record what `SubsetChecker` says, in a language that every tool of every vendor reads. Tests
hold the two to the same verdicts. The order of items is free, as nothing is known of CMS enforcing one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from iqies_flask.specs import formats, patterns
from iqies_flask.specs.pack import FormatEdit, Item, Pack, PackError

NAMESPACE = "http://www.w3.org/2001/XMLSchema"
FOLDER = "xsd"
TYPES_FILE = "types.xsd"

_xs = ElementMaker(namespace=NAMESPACE, nsmap={"xs": NAMESPACE})


@dataclass(frozen=True, slots=True)
class _Facet:
    name: str
    value: str


def schema_files(pack: Pack) -> dict[str, bytes]:
    """Generate the schemas of a pack.

    Args:
        pack: The pack.

    Returns:
        File name to content: ``types.xsd`` and one file for each item subset.

    Raises:
        PackError: The pack asks for a check that has no counterpart in XML Schema.
    """
    types = {item.id: _simple_type(item, _edits(pack, item)) for item in pack.submitted_items}
    names: dict[bytes, str] = {}
    for definition in types.values():
        names.setdefault(etree.tostring(definition), f"type{len(names) + 1:03d}")
    item_types = {item: names[etree.tostring(definition)] for item, definition in types.items()}
    files = {TYPES_FILE: _types_file(pack, names)}
    for subset in pack.subsets:
        files[f"{subset}.xsd"] = _subset_file(pack, subset, item_types)
    return files


def write_schemas(pack: Pack) -> list[Path]:
    """Write a pack's schemas into its folder.

    Returns:
        The files written.

    Raises:
        PackError: As for `schema_files`, or what comes out is no XML Schema. Then nothing is written.
    """
    files = schema_files(pack)
    _require_sound_types(pack, files[TYPES_FILE])
    folder = pack.folder / FOLDER
    folder.mkdir(exist_ok=True)
    paths = []
    for name, content in files.items():
        (folder / name).write_bytes(content)
        paths.append(folder / name)
    return paths


def outdated_schemas(pack: Pack) -> list[Path]:
    """Name the schema files that are missing from a pack's folder or differ from what would be generated."""
    folder = pack.folder / FOLDER
    expected = schema_files(pack)
    return [
        folder / name
        for name, content in expected.items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != content
    ]


def _require_sound_types(pack: Pack, types: bytes) -> None:
    """Hold the types against the rules of XML Schema itself: vendors' tools refuse what breaks them.

    Lengths, values and patterns of the pack's tables are in there; the other files only name the types.
    """
    # Imported only here: it takes longer than checking a record.
    import xmlschema  # noqa: PLC0415

    try:
        xmlschema.XMLSchema10(types, allow="none")
    except xmlschema.XMLSchemaParseError as error:
        raise PackError(f"{pack.name}: {TYPES_FILE} would be no XML Schema: {error.message}") from None


def _edits(pack: Pack, item: Item) -> list[FormatEdit]:
    return [edit for edit in pack.format_edits if item.id in edit.items]


def _types_file(pack: Pack, names: Mapping[bytes, str]) -> bytes:
    schema = _xs.schema(_documentation(f"Types of items, {pack.name} {pack.release}."))
    for definition, name in names.items():
        element = etree.fromstring(definition)
        element.set("name", name)
        schema.append(element)
    return _serialize(schema)


def _subset_file(pack: Pack, subset: str, item_types: Mapping[str, str]) -> bytes:
    every = _xs.all()
    required = {item.id for item in pack.active(subset)}
    optional = {item.id for item in pack.optional(subset)}
    for item in pack.submitted_items:
        if item.id in required:
            every.append(_xs.element(name=item.id, type=item_types[item.id]))
        elif item.id in optional:
            every.append(_xs.element(name=item.id, type=item_types[item.id], minOccurs="0"))
    schema = _xs.schema(
        _documentation(f"{pack.name} {pack.release}, item subset {subset}: {pack.subsets[subset]}."),
        _xs.include(schemaLocation=TYPES_FILE),
        _xs.element(_xs.complexType(every), name="ASSESSMENT"),
    )
    return _serialize(schema)


def _documentation(text: str) -> etree._Element:
    return _xs.annotation(_xs.documentation(text))


def _serialize(schema: etree._Element) -> bytes:
    etree.cleanup_namespaces(schema)
    etree.indent(schema)
    content: bytes = etree.tostring(schema, xml_declaration=True, encoding="UTF-8")
    return content + b"\n"


def _simple_type(item: Item, edits: list[FormatEdit]) -> etree._Element:
    """The special values that every edit lets pass, or a text in which every edit's form is kept."""
    checks = [formats.build_check(edit, item) for edit in edits]
    specials = [value for value in item.special_values if all(check.passes(value) for check in checks)]
    forms = _forms(item, edits)
    members = []
    if specials:
        members.append(_restriction([_Facet("enumeration", value) for value in specials]))
    if forms is not None:
        members.append(_chain([[_Facet("minLength", "1")], *forms]))
    if len(members) == 1:
        return _xs.simpleType(members[0])
    return _xs.simpleType(_xs.union(*(_xs.simpleType(member) for member in members)))


def _restriction(facets: list[_Facet], base: etree._Element | None = None) -> etree._Element:
    restriction = _xs.restriction(base="xs:string") if base is None else _xs.restriction(_xs.simpleType(base))
    restriction.extend(_xs(facet.name, value=facet.value) for facet in facets)
    return restriction


def _chain(steps: list[list[_Facet]]) -> etree._Element:
    """Restrict step by step: patterns of one step are alternatives, those of different steps all hold."""
    restriction = None
    for facets in _merged(steps):
        restriction = _restriction(facets, restriction)
    if restriction is None:
        raise PackError("an item without any form")
    return restriction


def _merged(steps: list[list[_Facet]]) -> Iterator[list[_Facet]]:
    """Put facets that are not patterns into the step before them; XML Schema combines those anyway."""
    waiting: list[_Facet] = []
    for facets in steps:
        names = {facet.name for facet in waiting}
        if any(facet.name in names for facet in facets):
            yield waiting
            waiting = []
        waiting = [*waiting, *facets]
    if waiting:
        yield waiting


def _forms(item: Item, edits: list[FormatEdit]) -> list[list[_Facet]] | None:
    """What an ordinary value, none of the special ones, must be; None where there is no such value."""
    steps: list[list[_Facet]] = []
    for edit in edits:
        if edit.check == "listed_value":
            if "Text" not in item.values:
                return None
        elif edit.check == "state_value":
            form = _state_form(item)
            if form is None:
                return None
            steps.append(form)
        else:
            steps.append(_facets(item, edit, edits))
    return steps


def _facets(item: Item, edit: FormatEdit, edits: list[FormatEdit]) -> list[_Facet]:
    if edit.check == "number_in_range":
        if not any(other.check == "integer" for other in edits):
            raise PackError(f"{item.id}: a schema for numbers with decimals is not supported")
        return _number_form(item)
    if edit.check == "maximum_length":
        return [_Facet("maxLength", str(item.length))]
    try:
        forms = _PATTERNS[edit.check](item, edit.options)
    except KeyError as error:
        raise PackError(f"edit {edit.id}: {error} has no counterpart in XML Schema") from error
    return [_Facet("pattern", pattern) for pattern in forms]


def _of_length(lengths: Iterable[int]) -> list[str]:
    return [patterns.any_text(length) for length in lengths]


def _both_cases(texts: Iterable[str]) -> set[str]:
    return {form for text in texts for form in (text.upper(), text.lower())}


_PATTERNS: Mapping[str, Callable[[Item, Mapping[str, Any]], list[str]]] = MappingProxyType(
    {
        "integer": lambda item, options: [formats.DIGITS],
        "date": lambda item, options: [patterns.date_pattern()],
        "birth_date": lambda item, options: [patterns.birth_date_pattern()],
        "required": lambda item, options: [rf" *([^ \^]{patterns.ANY}*|\^{patterns.ANY}*[^ ] *)"],
        "characters": lambda item, options: [formats.CHARACTER_FAMILIES[options["family"]].pattern],
        "exact_length": lambda item, options: _of_length([item.length]),
        "length_one_of": lambda item, options: _of_length(options["lengths"]),
        "medicare_number": lambda item, options: [formats.MEDICARE_NUMBER],
        "forbidden_start": lambda item, options: [patterns.not_starting_with(_both_cases(options["starts"]))],
        "forbidden_value": lambda item, options: [patterns.not_equal_to(options["values"])],
        "icd10": lambda item, options: [formats.icd10_pattern(options["second"])],
    }
)


def _number_form(item: Item) -> list[_Facet]:
    if item.minimum is None or item.maximum is None:
        raise PackError(f"{item.id} is a Number without minimum or maximum")
    return [
        _Facet("pattern", patterns.integer_range(int(item.minimum), int(item.maximum))),
        _Facet("maxLength", str(item.length)),
    ]


def _state_form(item: Item) -> list[_Facet] | None:
    if item.type == "Number":
        return _number_form(item)
    if item.type == "Date":
        by_form = {"YYYYMMDD": patterns.date_pattern(), "MMDDYYYY": patterns.mmddyyyy_pattern()}
        return [_Facet("pattern", by_form[form]) for form in formats.date_forms(item)]
    if "Text" in item.values:
        return [_Facet("maxLength", str(item.length))]
    return None

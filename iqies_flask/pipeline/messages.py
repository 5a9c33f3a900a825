"""The catalogue of the pipeline's own messages: on files, on the XML of a record, on the work of plugins.

Ids of this project begin with ``IF-``: 1xx on the submitted file and the files in a zip, 2xx on the XML of
one record, 4xx on the chain of plugins. CMS's numbers appear only where public sources give them: -1001 and
-1002. They are shown with system ``MDS``, whose list they come from, for any zip: a zip that cannot be
opened does not say which system it was for. ``docs/messages.md`` lists the catalogue for users.
"""

from iqies_flask.model import EditType, Message, Severity


def _zip_number(edit_id: str, text: str, remedy: str) -> Message:
    return Message(edit_id, Severity.FATAL, text, remedy, system="MDS")


def _file(edit_id: str, severity: Severity, text: str, remedy: str) -> Message:
    return Message(edit_id, severity, text, remedy)


def _xml(edit_id: str, severity: Severity, text: str, remedy: str) -> Message:
    return Message(edit_id, severity, text, remedy, EditType.STRUCTURE)


# The submitted file.

NOT_A_ZIP = _zip_number(
    "-1001",
    "The file cannot be unzipped: its name ends in .zip, but its content is {content}.",
    "Put the XML files into a zip file and submit that.",
)
TRUNCATED_ZIP = _zip_number(
    "-1001",
    "The file cannot be unzipped: it begins like a zip file, but its end is missing.",
    "Create the zip file again, make sure that copying it was not interrupted, and submit it again.",
)
DAMAGED_ZIP = _zip_number(
    "-1001",
    "The file cannot be unzipped: the zip file's table of contents is damaged.",
    "Create the zip file again and submit it.",
)
EMPTY_ZIP = _zip_number(
    "-1002",
    "The zip file contains no files.",
    "Put the XML files into the zip file and submit it again.",
)
EMPTY_FILE = _file(
    "IF-101",
    Severity.FATAL,
    "The file is empty (0 bytes).",
    "Check the file where your software wrote it, and submit it again.",
)
NEITHER_ZIP_NOR_XML = _file(
    "IF-102",
    Severity.FATAL,
    "The file is neither a zip file nor XML: its content is {content}.",
    "Submit a zip file of XML files, or one XML file.",
)
UPLOAD_TOO_BIG = _file(
    "IF-103",
    Severity.FATAL,
    "The file is {size}; at most {limit} can be submitted at once.",
    "Create zip files with fewer assessments each and submit them one after another.",
)
TOO_MANY_MEMBERS = _file(
    "IF-104",
    Severity.FATAL,
    "The zip file contains {count} files; at most {limit} can be submitted at once. None was read.",
    "Create zip files with fewer assessments each and submit them one after another.",
)
NO_XML_MEMBERS = _file(
    "IF-105",
    Severity.FATAL,
    "The zip file contains no XML file.",
    "Put the XML files themselves into the zip file and submit it again.",
)
NAME_AND_CONTENT_DIFFER = _file(
    "IF-106",
    Severity.WARNING,
    "The file's name ends in {ending}, but it is {content}. It was read as what it is.",
    "Give files the ending .zip or .xml that fits their content.",
)
BYTES_BEFORE_ZIP = _file(
    "IF-107",
    Severity.WARNING,
    "{size} stand before the beginning of the zip file. They were ignored.",
    "Submit a plain zip file, not one that unpacks itself.",
)
BYTES_AFTER_ZIP = _file(
    "IF-108",
    Severity.WARNING,
    "{size} stand after the end of the zip file. They were ignored.",
    "Create the zip file again if you did not expect this.",
)
MEMBER_NOT_XML = _file(
    "IF-111",
    Severity.WARNING,
    "The zip file contains {name}, which is not XML: its content is {content}. It was skipped.",
    "Leave it out of the zip file, or, if it should be a record, export it as XML.",
)
NESTED_ZIP = _file(
    "IF-112",
    Severity.FATAL,
    "The zip file contains another zip file, {name}. Zip files inside a zip file are not opened.",
    "Submit {name} itself, or put its XML files straight into the zip file.",
)
MORE_MEMBERS_SKIPPED = _file(
    "IF-113",
    Severity.WARNING,
    "{count} more files in the zip file are not XML. They were skipped.",
    "Leave them out of the zip file.",
)
MORE_NESTED_ZIPS = _file(
    "IF-114",
    Severity.FATAL,
    "{count} more files in the zip file are zip files themselves. They were not opened.",
    "Submit each of them by itself, or put their XML files straight into one zip file.",
)

# One file of a zip.

ENCRYPTED = _file(
    "IF-121",
    Severity.FATAL,
    "This file is encrypted in the zip file and cannot be read without its password.",
    "Create the zip file again without a password; the connection itself is encrypted.",
)
COMPRESSION_METHOD = _file(
    "IF-122",
    Severity.FATAL,
    "This file is compressed with {method}, which is not supported.",
    "Create the zip file again with the ordinary method (Deflate) or without compression.",
)
DAMAGED_MEMBER = _file(
    "IF-123",
    Severity.FATAL,
    "This file cannot be unzipped: its data in the zip file are damaged.",
    "Create the zip file again and submit this record again.",
)
OVERLAPPING_MEMBER = _file(
    "IF-124",
    Severity.FATAL,
    "This file shares its data with another file of the zip file, as decompression bombs do. "
    "It was not read.",
    "Create the zip file again with ordinary software and submit this record again.",
)
MEMBER_TOO_BIG = _file(
    "IF-125",
    Severity.FATAL,
    "This file is larger uncompressed ({size}) than {limit}, the limit for {kind}. It was not read.",
    "Check how the file was made: it should hold a single record.",
)
RATIO_TOO_HIGH = _file(
    "IF-126",
    Severity.FATAL,
    "This file grows from {compressed} to {size} when unzipped, as decompression bombs do. It was not read.",
    "Check how the file was made: it should hold a single record and no filling.",
)
TOTAL_TOO_BIG = _file(
    "IF-127",
    Severity.FATAL,
    "The files of the zip file together are larger uncompressed than {limit}. "
    "This one was not read any more.",
    "Submit this record again in a zip file with fewer files.",
)
ABSOLUTE_NAME = _file(
    "IF-131",
    Severity.WARNING,
    "The name of this file in the zip file begins at the root of a disk. The name was not used.",
    "Create zip files without full paths.",
)
PARENT_NAME = _file(
    "IF-132",
    Severity.WARNING,
    'The name of this file in the zip file points outside of it (".."). The name was not used.',
    "Create the zip file again with ordinary software; if you did not expect this, find out who made it.",
)
BACKSLASH_NAME = _file(
    "IF-133",
    Severity.WARNING,
    "The name of this file in the zip file contains a backslash.",
    "Create the zip file with software that separates folders by a slash, as the zip format asks for.",
)
DRIVE_NAME = _file(
    "IF-134",
    Severity.WARNING,
    "The name of this file in the zip file begins with a drive letter. The name was not used.",
    "Create zip files without full paths.",
)
CONTROL_CHARACTER_NAME = _file(
    "IF-135",
    Severity.WARNING,
    "The name of this file in the zip file contains characters that cannot be shown. "
    "They are replaced by their codes here.",
    "Give files plain names of letters, digits, dots and hyphens.",
)
DUPLICATE_NAME = _file(
    "IF-136",
    Severity.WARNING,
    "The zip file contains another file of this name, record {first}. Both were read.",
    "Give each file its own name, and check that none is in the zip file twice.",
)
NAME_WITHOUT_XML = _file(
    "IF-137",
    Severity.ADVICE,
    "The name of this file does not end in .xml, but its content is XML. It was read.",
    "Give XML files the ending .xml.",
)

# The XML of one record: what makes it unreadable.

EMPTY_XML = _xml("IF-201", Severity.FATAL, "The file is empty.", "Export the record again and submit it.")
NOT_XML = _xml(
    "IF-202",
    Severity.FATAL,
    "The file is not XML: its content is {content}.",
    "Export the record as XML and submit it again.",
)
DTD = _xml(
    "IF-203",
    Severity.FATAL,
    "Line {line}: the file has a document type definition (<!DOCTYPE ...>), which is not allowed. "
    "It was not read further.",
    "Remove the <!DOCTYPE ...> and submit the record again.",
)
ENTITY = _xml(
    "IF-204",
    Severity.FATAL,
    "Line {line}: the file defines an entity (<!ENTITY {name} ...>), which is not allowed. "
    "It was not read further.",
    "Remove the <!DOCTYPE ...> with all definitions, write the text itself, and submit the record again.",
)
EXTERNAL_REFERENCE = _xml(
    "IF-205",
    Severity.FATAL,
    "Line {line}: the file refers to another file or address, which is not allowed. Nothing was fetched.",
    "Remove the <!DOCTYPE ...> with all references and submit the record again.",
)
UNDEFINED_ENTITY = _xml(
    "IF-206",
    Severity.FATAL,
    "Line {line}, column {column}: XML does not know the entity that is used here.",
    "Use only &amp;, &lt;, &gt;, &quot; and &apos;, or the characters themselves.",
)
UNDECODABLE = _xml(
    "IF-211",
    Severity.FATAL,
    "Line {line}, byte {position} of the file: byte {byte} is not valid in the encoding {encoding} "
    "that the file is in by its declaration.",
    "Save the file in UTF-8, or declare the encoding that it is in, and submit the record again.",
)
ENCODING_CONTRADICTED = _xml(
    "IF-212",
    Severity.FATAL,
    "The first line declares the encoding {declared}, but the file is not in it: it is in {actual}.",
    'Declare encoding="UTF-8", save the file in UTF-8, and submit the record again.',
)
ENCODING_UNSUPPORTED = _xml(
    "IF-213",
    Severity.FATAL,
    "The file is in the encoding {declared}, which is not supported.",
    'Declare encoding="UTF-8", save the file in UTF-8, and submit the record again.',
)
NUL_BYTE = _xml(
    "IF-214",
    Severity.FATAL,
    "Line {line}, byte {position} of the file: there is a NUL byte, which XML does not allow.",
    "Find out what writes NUL bytes into the file, often unfilled fields of fixed length, and remove them.",
)
BEFORE_DECLARATION = _xml(
    "IF-215",
    Severity.FATAL,
    "Line {line}: the XML declaration (<?xml ...?>) is not at the very beginning of the file.",
    "Remove everything that stands before it, blank lines and spaces too.",
)
TRUNCATED_XML = _xml(
    "IF-221",
    Severity.FATAL,
    "The file ends in line {line} in the middle of the record{place}. The rest is missing.",
    "Export the record again, make sure that copying it was not interrupted, and submit it again.",
)
SECOND_ROOT = _xml(
    "IF-222",
    Severity.FATAL,
    "Line {line}: after the end of the record another one begins. A file holds a single record.",
    "Write each record to its own file and put them into one zip file.",
)
TEXT_AFTER_ROOT = _xml(
    "IF-223",
    Severity.FATAL,
    "Line {line}: there is text after the end of the record.",
    "Remove everything after the last end tag.",
)
AMPERSAND = _xml(
    "IF-224",
    Severity.FATAL,
    'Line {line}, column {column}: "&" has a meaning of its own in XML and cannot stand alone.',
    "Write &amp; for it.",
)
FORBIDDEN_CHARACTER = _xml(
    "IF-225",
    Severity.FATAL,
    "Line {line}, column {column}: the character {character} is not allowed in XML.",
    "Remove it.",
)
TAG_MISMATCH = _xml(
    "IF-226",
    Severity.FATAL,
    "Line {line}, column {column}: the end tag does not fit{place}.",
    "Close each element with its own name, spelled in the same way, before the next one begins.",
)
NOT_WELL_FORMED = _xml(
    "IF-227",
    Severity.FATAL,
    "Line {line}, column {column}: this is not well-formed XML{place}.",
    'Open the file in an XML editor, correct this place (often "<" written instead of &lt;), '
    "and submit the record again.",
)
TOO_DEEP = _xml(
    "IF-228",
    Severity.FATAL,
    "Line {line}: elements stand inside one another more than {limit} deep. The file was not read further.",
    "Write the items one after another, each straight below the root element.",
)
TOO_MANY_ELEMENTS = _xml(
    "IF-229",
    Severity.FATAL,
    "Line {line}: the file has more than {limit} elements. It was not read further.",
    "Check how the file was made: it should hold a single record.",
)

# The XML of one record: what is wrong in it though it can be read.

NESTED_ELEMENT = _xml(
    "IF-231",
    Severity.FATAL,
    "Line {line}: the element {inner} stands inside {outer}. Items hold text only.",
    "Write {inner} beside {outer}, straight below the root element.",
)
DOUBLED_ELEMENT = _xml(
    "IF-232",
    Severity.FATAL,
    "{name} is in the record more than once, in line {first} and in line {second}. The checks use the first.",
    "Remove the one that is wrong.",
)
VALUE_TOO_LONG = _xml(
    "IF-233",
    Severity.FATAL,
    "Line {line}: the value of {name} has {length} characters; at most {limit} are read of any value.",
    "Check how the value was made: no item is as long.",
)
TEXT_BETWEEN_ELEMENTS = _xml(
    "IF-234",
    Severity.FATAL,
    'Line {line}: there is text between the elements: "{text}".',
    "Remove it, or write it as the value of the item that it belongs to.",
)
NAMESPACE = _xml(
    "IF-235",
    Severity.FATAL,
    "Line {line}: the element {name} is in a namespace. Records have none.",
    'Remove xmlns="..." and prefixes such as "ns:" from the elements.',
)
LOWER_CASE_ELEMENT = _xml(
    "IF-236",
    Severity.FATAL,
    "Line {line}: the element {name} is written in lower case; the item is called {upper}. "
    "Its value was not used.{more}",
    "Write the names of items in capital letters.",
)
NAME_TOO_LONG = _xml(
    "IF-237",
    Severity.FATAL,
    "Line {line}: the element {name} has a name of {length} characters; no item's name is as long.",
    "Remove the element.",
)
ENCODING_UNUSUAL = _xml(
    "IF-241",
    Severity.WARNING,
    "The file is in the encoding {encoding}. It was converted for the checks.",
    "Write files in UTF-8.",
)
BYTE_ORDER_MARK = _xml(
    "IF-242",
    Severity.WARNING,
    "The file begins with a byte order mark. It was ignored.",
    "Write UTF-8 without a byte order mark.",
)
ATTRIBUTES = _xml(
    "IF-243",
    Severity.WARNING,
    "Line {line}: the element {name} has attributes. They were ignored.{more}",
    "Write values as the text of the elements, and leave attributes out.",
)
COMMENTS = _xml(
    "IF-244",
    Severity.WARNING,
    "Line {line}: there is a comment (<!-- -->). It was ignored.{more}",
    "Leave comments out; never put facts about a person into them.",
)
CDATA = _xml(
    "IF-245",
    Severity.WARNING,
    "Line {line}: there is a CDATA section. Its text was read as it is.{more}",
    'Write values as plain text, with &amp; for "&" and &lt; for "<".',
)
PROCESSING_INSTRUCTIONS = _xml(
    "IF-246",
    Severity.WARNING,
    "Line {line}: there is a processing instruction (<?{name} ...?>). It was ignored.{more}",
    "Leave processing instructions out.",
)
MORE_FAULTS = _xml(
    "IF-249",
    Severity.WARNING,
    "{count} more faults like {edit_id} are in this record and not listed.",
    "Correct the listed ones in your software; the others have the same cause as a rule.",
)

# The chain of plugins.

WRONG_ROOT = _xml(
    "IF-401",
    Severity.FATAL,
    "The root element is {root}. An MDS or OASIS record is an ASSESSMENT, a PBJ file is nursingHomeData.",
    "Check that the file is an MDS, OASIS or PBJ file, and spell its root element in just this way.",
)
UNIDENTIFIED = _file(
    "IF-402",
    Severity.FATAL,
    "The record does not say which system it is for: ASMT_SYS_CD is {value}.",
    "Write MDS or OASIS as the value of ASMT_SYS_CD.",
)
UNROUTED = _file(
    "IF-403",
    Severity.FATAL,
    "The checks found nothing fatal, but this installation has no place to store {system} records.",
    "Tell the operator of this installation, and submit the record again when it is set up.",
)
NOT_CHECKED = _file(
    "IF-404",
    Severity.FATAL,
    "The record could not be checked, because the plugin {plugin}, which checks {system} records, failed.",
    "Nothing need be wrong with the record: tell the operator of this installation, and submit it later.",
)
PLUGIN_RAISED = _file(
    "IF-411",
    Severity.WARNING,
    'The plugin {plugin} failed in its step "{hook}". What the other plugins found is complete.',
    "Tell the operator of this installation; the log says more.",
)
PLUGIN_RUBBISH = _file(
    "IF-412",
    Severity.WARNING,
    'The plugin {plugin} gave an answer that cannot be used in its step "{hook}": {fault}. '
    "What the other plugins found is complete.",
    "Tell the operator of this installation.",
)
PLUGIN_TOO_SLOW = _file(
    "IF-413",
    Severity.WARNING,
    'The plugin {plugin} took longer than {seconds} seconds in its step "{hook}" and has been '
    "switched off. What the other plugins found is complete.",
    "Tell the operator of this installation.",
)
PLUGIN_SWITCHED_OFF = _file(
    "IF-414",
    Severity.WARNING,
    "The plugin {plugin} is switched off, because it took too long before. It did not look at this record.",
    "Tell the operator of this installation.",
)

CATALOGUE: tuple[Message, ...] = tuple(one for one in list(globals().values()) if isinstance(one, Message))
"""All messages, in the order of this file."""

"""Small releases in the layout in which CMS publishes them."""

import csv
import html
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from iqies_flask.specs.pack import Pack

ITEM_COLUMNS = [
    "itm_mstr_key",
    "sys_cd",
    "itm_srt_id",
    "itm_id",
    "itm_shrt_label",
    "itm_sect_label",
    "itm_grp_cd",
    "itm_type_cd",
    "fixed_rec_strt_byte",
    "fixed_rec_end_byte",
    "fixed_rec_lngth",
    "isc_active",
    "isc_state_opt",
]
VALUE_COLUMNS = ["itm_val_key", "val_srt_id", "itm_id", "val_id", "val_txt"]
TABLES_ZIP = "OASIS E9 Data Specs CSV Files V3.03.0 FINAL 10-14-2027.zip"
PAGES_ZIP = "OASIS E9 Data Specs HTML Files V3.03.0 FINAL 10-14-2027.zip"


@dataclass(frozen=True)
class Page:
    """An edit as its page shows it."""

    number: str
    text: str
    items: Sequence[str] = ()
    type: str = "Consistency"
    severity: str = "Fatal"


@dataclass
class ReleaseMaker:
    """A release, to be changed and then written."""

    system: str = "OASIS"
    version: str = "V3.03.0"
    items: list[list[str]] = field(default_factory=list)
    values: list[list[str]] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    more_tables: dict[str, bytes] = field(default_factory=dict)
    more_pages: dict[str, bytes] = field(default_factory=dict)

    def add_item(self, item: str, kind: str = "Code", subsets: str = "01,03", label: str = "An item") -> None:
        """Add an item of one byte at the end of the record."""
        place = len(self.items) + 1
        last = int(self.items[-1][9]) if self.items else 0
        start = str(last + 1)
        about = [str(place), self.system, str(place * 100), item, label, "Z", "Asmt", kind]
        self.items.append([*about, start, start, "1", subsets, ""])

    def add_value(self, item: str, value: str, label: str = "A value") -> None:
        place = len(self.values) + 1
        self.values.append([str(place), str(place), item, value, label])

    def tables(self) -> dict[str, bytes]:
        return {
            "itm_mstr.csv": table(ITEM_COLUMNS, self.items),
            "itm_val.csv": table(VALUE_COLUMNS, self.values),
            **self.more_tables,
        }

    def html_pages(self) -> dict[str, bytes]:
        pages = {f"oe_{page.number[1:]}.html": self.page(page) for page in self.pages}
        return {"oe_edit_summary.html": b"<HTML></HTML>", **pages, **self.more_pages}

    def page(self, page: Page) -> bytes:
        fields = {
            "Data System": self.system,
            "Data Specs": self.version,
            "Edit Type": page.type,
            "Severity": page.severity,
            "Edit Text": page.text,
            "Version Notes": "\N{NO-BREAK SPACE}",
        }
        return edit_page(page.number, fields, page.items)

    def write(self, folder: Path, name: str = "release.zip") -> Path:
        path = folder / name
        path.write_bytes(zipped({TABLES_ZIP: zipped(self.tables()), PAGES_ZIP: zipped(self.html_pages())}))
        return path


def edit_page(number: str, fields: Mapping[str, str], items: Iterable[str]) -> bytes:
    rows = "".join(
        f"<TR><TD VALIGN=TOP><B><FONT SIZE=2>{label}</B></FONT></TD>\n"
        f"<TD VALIGN=TOP><FONT SIZE=2>{html.escape(text)}</FONT></TD></TR>\n"
        for label, text in fields.items()
    )
    listed = "".join(
        f'<TR><TD><A HREF="oi_{item.lower()}.html">{item}</A></TD><TD>An item</TD></TR>\n' for item in items
    )
    return (
        f"<HTML>\n<HEAD><TITLE>{number}</TITLE></HEAD>\n<BODY>\n<H2>{number}</H2>\n"
        f"<TABLE BORDER=1>{rows}</TABLE>\n"
        f"<TABLE BORDER=1><TR><TD><B>Item ID</B></TD><TD><B>Description</B></TD></TR>{listed}</TABLE>\n"
        "</BODY>\n</HTML>\n"
    ).encode("windows-1252")


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows([columns, *rows])
    return stream.getvalue().encode("windows-1252")


def zipped(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def tiny_release() -> ReleaseMaker:
    """Three items and one edit: enough to be read, not to make a pack."""
    maker = ReleaseMaker()
    for item in ("Z0100A", "Z0100B", "SPEC_VRSN_CD"):
        maker.add_item(item)
        maker.add_value(item, "1")
    maker.add_value("SPEC_VRSN_CD", "3.03", "Data Specs V3.03: effective for records on or after 10/01/2027")
    maker.pages.append(Page("-9901", "If Z0100A=[1], then Z0100B must equal [^].", ["Z0100A", "Z0100B"]))
    return maker


def next_release(pack: Pack) -> ReleaseMaker:
    """A release that follows an installed pack: its items and values, a new version, and no edits yet."""
    maker = ReleaseMaker(pack.system)
    for place, item in enumerate(pack.items.values()):
        about = [
            str(place),
            pack.system,
            str(place * 50),
            item.id,
            item.label,
            item.section,
            item.group,
            item.type,
        ]
        bytes_ = [str(item.first_byte), str(item.last_byte), str(item.length)]
        active = [",".join(sorted(item.subsets)), ",".join(sorted(item.state_optional))]
        maker.items.append([*about, *bytes_, *active])
    lines = (pack.folder / "values.tsv").read_text(encoding="utf-8").splitlines()[1:]
    for line in lines:
        maker.add_value(*line.split("\t"))
    maker.add_value("SPEC_VRSN_CD", "3.03", "Data Specs V3.03: effective for records on or after 10/01/2027")
    maker.add_value("ITM_SET_VRSN_CD", "E9-102027", "Item set OASIS-E9: effective on or after 10/01/2027")
    return maker


def without(maker: ReleaseMaker, item: str) -> ReleaseMaker:
    """The same release without an item and its values; the bytes of the next item grow."""
    place = next(place for place, row in enumerate(maker.items) if row[3] == item)
    gone, after = maker.items[place], list(maker.items[place + 1])
    after[8], after[10] = gone[8], str(int(after[10]) + int(gone[10]))
    return replace(
        maker,
        items=[*maker.items[:place], after, *maker.items[place + 2 :]],
        values=[row for row in maker.values if row[2] != item],
    )

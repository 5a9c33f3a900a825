"""Writing the export into a folder: whole or not at all, and never over files of others."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from iqies_flask.folders import put_in_place
from iqies_flask.model import Message
from iqies_flask.reference.exporting.contents import PackContents, contents_of
from iqies_flask.reference.exporting.pages import ASSETS, render_pages
from iqies_flask.reference.exporting.search_index import SEARCH_INDEX, search_index
from iqies_flask.resources import static_folder
from iqies_flask.specs.pack import Pack

LIST_OF_FILES = "files-of-this-export.txt"
"""Names the files of an export, so that the next one knows what it may replace."""

_ASSETS = ("icon.svg", "chevron.svg", "site.css", "reference-search.js", "vendor/cmsgov-design-system")
"""What the pages need of ``static/``."""

Progress = Callable[[int, int], None]
"""Told the pages written and the pages there are."""


class ExportError(Exception):
    """The export cannot be written; the text says why, and what to do."""


def _no_progress(done: int, total: int) -> None:
    pass


def export_reference(
    packs: Sequence[Pack],
    own_messages: Sequence[Message],
    folder: Path,
    progress: Progress = _no_progress,
) -> int:
    """Write the reference of packs as static HTML.

    Args:
        packs: The packs.
        own_messages: The catalogues of the project's own messages.
        folder: Made where it does not exist. An earlier export in it is replaced.
        progress: Told of each page.

    Returns:
        How many pages were written.

    Raises:
        ExportError: The folder holds something else, or cannot be written. Then it is as it was before.
    """
    # A link to the folder stays one, and leads to the new export.
    target = folder.resolve()
    try:
        _refuse_files_of_others(target)
        with _workshop_beside(target) as workshop:
            staged = Path(workshop) / "export"
            pages = _write(contents_of(packs, own_messages), own_messages, staged, progress)
            put_in_place(staged, target, Path(workshop) / "before")
    except OSError as error:
        raise ExportError(f"{folder} cannot be written: {error.strerror or error}") from None
    return pages


def _workshop_beside(target: Path) -> tempfile.TemporaryDirectory[str]:
    """Make a folder beside the export's place, so that moving the export there is one step."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent)
    except OSError as error:
        # Whoever may write into the place itself would not know what is meant.
        why = error.strerror or error
        raise ExportError(
            f"an export is first written beside its place, and {target.parent} cannot be written: {why}"
        ) from None


def _write(
    contents: Sequence[PackContents], own_messages: Sequence[Message], folder: Path, progress: Progress
) -> int:
    total = 1 + sum(one.pages for one in contents)
    _copy_assets(folder / ASSETS)
    for one in contents:
        (folder / one.path).parent.mkdir()
    _write_text(folder / SEARCH_INDEX, search_index(contents, own_messages))
    done = 0
    for done, (path, html) in enumerate(render_pages(contents, own_messages), start=1):
        _write_text(folder / path, html)
        progress(done, total)
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    _write_text(folder / LIST_OF_FILES, "\n".join([*files, LIST_OF_FILES, ""]))
    return done


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _copy_assets(folder: Path) -> None:
    for name in _ASSETS:
        source, copy = static_folder() / name, folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy)
        else:
            shutil.copyfile(source, copy)


def _refuse_files_of_others(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ExportError(f"{folder} is a file; name a folder")
    if not any(folder.iterdir()):
        return
    listed = folder / LIST_OF_FILES
    if not listed.is_file():
        raise ExportError(
            f"{folder} is not empty, and holds no earlier export of the reference; name a new or empty folder"
        )
    files = {
        PurePosixPath(line) for line in listed.read_text(encoding="utf-8", errors="replace").splitlines()
    }
    ours = files | {above for file in files for above in file.parents}
    for path in sorted(folder.rglob("*")):
        if PurePosixPath(path.relative_to(folder).as_posix()) not in ours:
            raise ExportError(
                f"{folder} holds {path.relative_to(folder)}, which is not of the earlier export; "
                "move it elsewhere, or name another folder"
            )

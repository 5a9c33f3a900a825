"""How much of a data specification a pack runs."""

from dataclasses import dataclass

from iqies_flask.specs.pack import Pack

NEEDS_DATABASE = "needs the database"
"""How the reason begins for an edit that a record alone cannot decide."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The edits of one pack, information aside.

    Attributes:
        executable: Numbers of those that run on a record alone.
        database: Number and reason of those that need earlier records or the provider registry.
        left_out: Number and reason of the others that do not run.
    """

    executable: tuple[str, ...]
    database: dict[str, str]
    left_out: dict[str, str]

    @property
    def edits(self) -> int:
        """How many edits the data specification has, as far as it is known."""
        return len(self.executable) + len(self.database) + len(self.left_out)


def coverage_of(pack: Pack) -> Coverage:
    """Count the edits of a pack.

    Args:
        pack: The pack.
    """
    of_the_whole = [edit for edit in (pack.subset_edit, pack.version_edit) if edit]
    of_items = [*(edit.id for edit in pack.format_edits), *(edit.id for edit in pack.consistency_edits)]
    database = {edit: why for edit, why in pack.left_out.items() if why.startswith(NEEDS_DATABASE)}
    left_out = {edit: why for edit, why in pack.left_out.items() if edit not in database}
    return Coverage((*of_the_whole, *of_items), database, left_out)

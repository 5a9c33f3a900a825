"""How much of a data specification a pack runs."""

from dataclasses import dataclass

from iqies_flask.specs.edits.predicates import PREDICATES
from iqies_flask.specs.edits.tree import Edit
from iqies_flask.specs.pack import Pack


@dataclass(frozen=True, slots=True)
class Coverage:
    """The edits of one pack, information aside.

    Attributes:
        executable: Numbers of those that run on a record alone.
        database: Number and reason of those that ask what only an application with a database knows.
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
    database = {edit.id: what_it_needs(edit) for edit in pack.database_edits}
    return Coverage((*of_the_whole, *of_items), database, dict(pack.left_out))


def what_it_needs(edit: Edit) -> str:
    """Say what an edit asks that no record tells.

    Args:
        edit: One that asks at least one predicate.
    """
    asked = dict.fromkeys(PREDICATES[name].asks for name in edit.predicates)
    return f"needs the database: {'; '.join(asked)}"

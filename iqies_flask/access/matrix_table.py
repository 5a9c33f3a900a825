"""The matrix as a table for the page: who may what, and where the operator chose otherwise."""

from collections.abc import Iterable
from dataclasses import dataclass

from iqies_flask.access.actions import OF_OFFICES, Action
from iqies_flask.access.matrix import Matrix, RoleEntry, built_in_matrix


@dataclass(frozen=True, slots=True)
class Cell:
    """What a role says of an action.

    Attributes:
        allowed: Whether its holder may do it.
        changed: Whether the matrix that comes with the product says otherwise.
    """

    allowed: bool
    changed: bool


@dataclass(frozen=True, slots=True)
class MatrixTable:
    """A table of the page.

    Attributes:
        roles: Its columns.
        rows: What each action is called, and its cells in the order of the roles.
    """

    roles: list[RoleEntry]
    rows: list[tuple[str, list[Cell]]]

    @property
    def changed(self) -> bool:
        """Whether anything in it was changed."""
        return any(cell.changed for _, cells in self.rows for cell in cells)


def provider_table(matrix: Matrix) -> MatrixTable:
    """The roles that are held for a provider."""
    return _table(
        matrix, (action for action in matrix.actions if action not in OF_OFFICES), for_provider=True
    )


def office_table(matrix: Matrix) -> MatrixTable:
    """The offices."""
    return _table(matrix, (action for action in matrix.actions if action in OF_OFFICES), for_provider=False)


def _table(matrix: Matrix, actions: Iterable[Action], *, for_provider: bool) -> MatrixTable:
    roles = [entry for entry in matrix.roles.values() if entry.for_provider is for_provider]
    own = built_in_matrix()
    return MatrixTable(
        roles,
        [
            (
                matrix.actions[action],
                [
                    Cell(
                        matrix.allows(entry.role, action),
                        matrix.allows(entry.role, action) != own.allows(entry.role, action),
                    )
                    for entry in roles
                ],
            )
            for action in actions
        ],
    )

"""The permission matrix: which role may do what. It is data; an operator may give another."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from iqies_flask.access.actions import Action
from iqies_flask.access.roles import Category, Role

_OWN = "matrix.toml"


class MatrixError(ValueError):
    """A matrix cannot be used; the message says where it is wrong."""


@dataclass(frozen=True, slots=True)
class RoleEntry:
    """A role's row of the matrix.

    Attributes:
        role: Which.
        label: What it is called.
        category: Who may hold it.
        describes: What it is for, in a sentence.
        for_provider: Whether it is held for a provider; else it is an office.
        actions: What its holder may do.
    """

    role: Role
    label: str
    category: Category
    describes: str
    for_provider: bool
    actions: frozenset[Action]


@dataclass(frozen=True)
class Matrix:
    """The matrix.

    Attributes:
        actions: Each action and what it is called.
        roles: Each role and its row.
    """

    actions: Mapping[Action, str]
    roles: Mapping[Role, RoleEntry]

    @cached_property
    def roles_by_action(self) -> Mapping[Action, frozenset[Role]]:
        """The roles that allow each action."""
        return {
            action: frozenset(role for role, entry in self.roles.items() if action in entry.actions)
            for action in self.actions
        }

    @cached_property
    def actions_of_offices(self) -> frozenset[Action]:
        """The actions that are done for no provider."""
        return frozenset(
            action for entry in self.roles.values() if not entry.for_provider for action in entry.actions
        )


def load_matrix(path: Path | None = None) -> Matrix:
    """Read a matrix.

    Args:
        path: The operator's file; None for the one that comes with the product.

    Raises:
        MatrixError: It cannot be read, or does not name every action and role exactly.
    """
    try:
        text = (
            files(__package__).joinpath(_OWN).read_text("utf-8") if path is None else path.read_text("utf-8")
        )
        table = tomllib.loads(text)
    except OSError as error:
        raise MatrixError(f"The permission matrix {path} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MatrixError(f"The permission matrix {path or _OWN} is not valid TOML: {error}.") from None
    try:
        return _matrix(table)
    except MatrixError as error:
        raise MatrixError(f"The permission matrix {path or _OWN} cannot be used: {error}") from None


def _matrix(table: dict[str, Any]) -> Matrix:
    unknown = set(table) - {"actions", "roles"}
    if unknown:
        raise MatrixError(f"it has a part that does not exist, {min(unknown)}.")
    actions, roles = table.get("actions", {}), table.get("roles", {})
    _check_names("action", set(actions), {action.value for action in Action})
    _check_names("role", set(roles), {role.value for role in Role})
    matrix = Matrix(
        actions={action: str(actions[action.value]) for action in Action},
        roles={Role(name): _entry(Role(name), row) for name, row in roles.items()},
    )
    for entry in matrix.roles.values():
        if entry.for_provider and entry.actions & matrix.actions_of_offices:
            action = min(entry.actions & matrix.actions_of_offices)
            raise MatrixError(f"{action} is an action of an office, and {entry.role} is held for a provider.")
    return matrix


def _entry(role: Role, row: Mapping[str, Any]) -> RoleEntry:
    names = row.get("may", [])
    unknown = set(names) - {action.value for action in Action}
    if unknown:
        raise MatrixError(f"the role {role} may do {min(unknown)}, and there is no such action.")
    missing = {"label", "category", "describes"} - set(row)
    if missing:
        raise MatrixError(f"the role {role} has no {min(missing)}.")
    try:
        category = Category(row["category"])
    except ValueError:
        raise MatrixError(f"the role {role} is of the category {row['category']}, which is none.") from None
    return RoleEntry(
        role=role,
        label=str(row["label"]),
        category=category,
        describes=str(row["describes"]),
        for_provider=bool(row.get("for_provider", True)),
        actions=frozenset(Action(name) for name in names),
    )


def _check_names(what: str, given: set[str], known: set[str]) -> None:
    if given - known:
        raise MatrixError(f"there is no {what} {min(given - known)}.")
    if known - given:
        raise MatrixError(f"the {what} {min(known - given)} is missing.")

"""The permission matrix: which role may do what. It is data; an operator may give another."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from iqies_flask.access.actions import OF_OFFICES, Action
from iqies_flask.access.roles import Category, Role
from iqies_flask.config import SettingsError

_OWN = "matrix.toml"
_PARTS = {"actions", "roles"}
_TEXTS = ("label", "category", "describes")
_ROW = {*_TEXTS, "for_provider", "may"}
_DECIDES = Role.PROVIDER_SECURITY_OFFICIAL


class MatrixError(SettingsError):
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

    def allows(self, role: Role, action: Action) -> bool:
        """Whether the holder of a role may do something."""
        return action in self.roles[role].actions

    def labels(self, action: Action) -> list[str]:
        """What the roles are called that allow an action, in the order of the matrix."""
        return [entry.label for entry in self.roles.values() if action in entry.actions]


@cache
def built_in_matrix() -> Matrix:
    """The matrix that comes with the product."""
    return load_matrix()


def built_in_text() -> str:
    """The matrix that comes with the product, as an operator can change a copy of it."""
    return files(__package__).joinpath(_OWN).read_text("utf-8")


def load_matrix(path: Path | None = None) -> Matrix:
    """Read a matrix.

    Args:
        path: The operator's file; None for the one that comes with the product.

    Raises:
        MatrixError: It cannot be read, or does not name every action and role exactly.
    """
    try:
        table = tomllib.loads(built_in_text() if path is None else path.read_text("utf-8"))
    except OSError as error:
        raise MatrixError(f"The permission matrix {path} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MatrixError(f"The permission matrix {path or _OWN} is not valid TOML: {error}.") from None
    try:
        matrix = _matrix(table)
        if path is not None:
            _check_fixed(matrix)
            _check_decides(matrix)
        return matrix
    except MatrixError as error:
        raise MatrixError(f"The permission matrix {path or _OWN} cannot be used: {error}") from None


def _matrix(table: dict[str, Any]) -> Matrix:
    unknown = set(table) - _PARTS
    if unknown:
        raise MatrixError(f"it has a part that does not exist, {min(unknown)}.")
    actions, roles = _table("actions", table.get("actions", {})), _table("roles", table.get("roles", {}))
    _check_names("action", set(actions), {action.value for action in Action})
    _check_names("role", set(roles), {role.value for role in Role})
    return Matrix(
        actions={action: _text(f"the action {action}", actions[action.value]) for action in Action},
        roles={Role(name): _entry(Role(name), _table(f"roles.{name}", row)) for name, row in roles.items()},
    )


def _entry(role: Role, row: Mapping[str, Any]) -> RoleEntry:
    if unknown := set(row) - _ROW:
        raise MatrixError(f"the role {role} has {min(unknown)}, which no role has.")
    if missing := set(_TEXTS) - set(row):
        raise MatrixError(f"the role {role} has no {min(missing)}.")
    label, category, describes = (_text(f"{name} of the role {role}", row[name]) for name in _TEXTS)
    if category not in set(Category):
        raise MatrixError(f"the role {role} is of the category {category}, which is none.")
    for_provider = row.get("for_provider", True)
    if not isinstance(for_provider, bool):
        raise MatrixError(f"for_provider of the role {role} must be true or false, without quotes.")
    actions = _actions(role, row.get("may", []))
    _check_actions(role, actions, for_provider=for_provider)
    return RoleEntry(role, label, Category(category), describes, for_provider, actions)


def _actions(role: Role, names: Any) -> frozenset[Action]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise MatrixError(f'may of the role {role} must be a list of actions, such as ["upload"].')
    if unknown := set(names) - {action.value for action in Action}:
        raise MatrixError(f"the role {role} may do {min(unknown)}, and there is no such action.")
    return frozenset(Action(name) for name in names)


def _check_actions(role: Role, actions: frozenset[Action], *, for_provider: bool) -> None:
    """Keep apart what is done for a provider and what in an office: `may` looks in different places."""
    if for_provider and (wrong := actions & OF_OFFICES):
        raise MatrixError(f"{min(wrong)} is an action of an office, and {role} is held for a provider.")
    if not for_provider and (wrong := actions - OF_OFFICES):
        raise MatrixError(f"{min(wrong)} is done for a provider, and {role} is an office.")


def _check_fixed(matrix: Matrix) -> None:
    """Refuse what would turn roles that people hold already into something else."""
    for role, own in built_in_matrix().roles.items():
        given = matrix.roles[role]
        if given.for_provider != own.for_provider:
            raise MatrixError(f"for_provider of the role {role} cannot be changed.")
        if given.category != own.category:
            raise MatrixError(f"the category of the role {role} cannot be changed: it is {own.category}.")


def _check_decides(matrix: Matrix) -> None:
    """Refuse others who decide about roles: the rules for those who do are about Security Officials."""
    others = [role for role in Role if role is not _DECIDES and matrix.allows(role, Action.APPROVE_ROLES)]
    if others:
        raise MatrixError(
            f"{others[0]} may not approve_roles. Only the {_DECIDES} decides about roles: the first one is"
            " approved by CMS, none is a vendor, and CMS is told when the last one goes."
        )
    if not matrix.allows(_DECIDES, Action.APPROVE_ROLES):
        raise MatrixError(f"{_DECIDES} must have approve_roles, as nobody else can decide about roles.")


def _table(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise MatrixError(f"{name} must be a table.")
    return value


def _text(what: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise MatrixError(f"{what} must be a text.")
    return value


def _check_names(what: str, given: set[str], known: set[str]) -> None:
    if given - known:
        raise MatrixError(f"there is no {what} {min(given - known)}.")
    if known - given:
        raise MatrixError(f"the {what} {min(known - given)} is missing.")

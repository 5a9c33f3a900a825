import re
from dataclasses import replace
from pathlib import Path

import pytest

from iqies_flask import create_app
from iqies_flask.access.actions import OF_OFFICES, Action
from iqies_flask.access.matrix import MatrixError, built_in_matrix, built_in_text, load_matrix
from iqies_flask.access.roles import Category, Role
from iqies_flask.config import Settings, SettingsError

DOCUMENT = Path(__file__).parents[2] / "docs" / "access.md"


def written(folder: Path, old: str, new: str) -> Path:
    """An operator's file: the matrix of the product with one change."""
    text = built_in_text()
    assert text.count(old) >= 1
    path = folder / "matrix.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_matrix_of_the_product_is_an_operators_file_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "matrix.toml"
    path.write_text(built_in_text(), encoding="utf-8")
    assert load_matrix(path) == built_in_matrix()


def test_every_action_is_allowed_by_somebody() -> None:
    assert all(built_in_matrix().roles_by_action[action] for action in Action)


def test_document_shows_the_matrix_as_it_is() -> None:
    matrix = built_in_matrix()
    tables = DOCUMENT.read_text(encoding="utf-8").split("## Who may do what\n")[1].split("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in tables.splitlines()
        if line.startswith("|") and not line.startswith("|--")
    ]
    shown: dict[str, set[str]] = {}
    header: list[str] = []
    for first, *cells in rows:
        if first == "Action":
            header = cells
        else:
            shown[first] = {label for label, cell in zip(header, cells, strict=True) if cell == "yes"}
    assert shown == {label: set(matrix.labels(action)) for action, label in matrix.actions.items()}


def test_other_reading_of_the_coordinator_in_the_document_is_ready_to_use(tmp_path: Path) -> None:
    (block,) = re.findall(
        r"```toml\n(\[roles\.provider_assessment_coordinator\]\n.*?)```", DOCUMENT.read_text(), re.S
    )
    text, count = re.subn(
        r"\[roles\.provider_assessment_coordinator\]\n.*?(?=\n\[)",
        lambda _: block,
        built_in_text(),
        flags=re.S,
    )
    assert count == 1
    path = tmp_path / "matrix.toml"
    path.write_text(text, encoding="utf-8")
    matrix, own = load_matrix(path), built_in_matrix()
    role = Role.PROVIDER_ASSESSMENT_COORDINATOR
    added = {Action.EDIT_ASSESSMENT, Action.SUBMIT_ASSESSMENT}
    assert matrix.roles[role].actions - own.roles[role].actions == added
    assert {entry: row for entry, row in matrix.roles.items() if entry is not role} == {
        entry: row for entry, row in own.roles.items() if entry is not role
    }
    assert not matrix.allows(role, Action.UPLOAD)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[actions]", "[actions", "is not valid TOML"),
        ("[actions]", "[other]\n[actions]", "has a part that does not exist, other"),
        ('upload = "Upload XML files"\n', "", "the action upload is missing"),
        ('upload = "Upload XML files"', "upload = 3", "the action upload must be a text"),
        ('upload = "Upload XML files"', 'upload = "x"\ndownload = "y"', "there is no action download"),
        ("[roles.auditor]", "[roles.auditors]", "there is no role auditors"),
        ('label = "Auditor"\n', "", "the role auditor has no label"),
        ('label = "Auditor"\n', 'label = "Auditor"\nmays = []\n', "the role auditor has mays"),
        ('category = "cms"', 'category = "csm"', "category csm, which is none"),
        ('category = "cms"', 'category = "state"', "the category of the role cms_official cannot be changed"),
        ("for_provider = false", "for_provider = 0", "must be true or false"),
        (
            'for_provider = false\ndescribes = "Reads the audit log."\nmay = ["view_audit_log"]',
            'describes = "Reads the audit log."\nmay = []',
            "for_provider of the role auditor cannot be changed",
        ),
        ('may = ["view_audit_log"]', 'may = "view_audit_log"', "must be a list of actions"),
        ('may = ["view_audit_log"]', "may = [3]", "must be a list of actions"),
        ('may = ["view_audit_log"]', 'may = ["view_log"]', "view_log, and there is no such action"),
        (
            'may = ["view_audit_log"]',
            'may = ["upload"]',
            "upload is done for a provider, and auditor is an office",
        ),
        (
            'may = ["upload", "view_reports"]',
            'may = ["upload", "view_audit_log"]',
            "view_audit_log is an action of an office, and assessment_submitter is held for a provider",
        ),
        (
            'may = ["upload", "view_reports"]\n\n[roles.cms',
            'may = ["upload", "approve_roles"]\n\n[roles.cms',
            "vendor_assessment_submitter may not approve_roles",
        ),
        (
            '"view_reports", "add_patient", "change_patient"',
            '"view_reports", "approve_roles", "add_patient", "change_patient"',
            "provider_administrator may not approve_roles. Only the provider_security_official decides",
        ),
        (
            '"view_reports", "approve_roles", "add_patient"',
            '"view_reports", "add_patient"',
            "provider_security_official must have approve_roles, as nobody else can decide",
        ),
    ],
)
def test_matrix_that_cannot_be_used_says_where(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = written(tmp_path, old, new)
    with pytest.raises(MatrixError, match=re.escape(message)) as caught:
        load_matrix(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(MatrixError, match="cannot be read"):
        load_matrix(tmp_path / name)


def test_application_with_an_unusable_matrix_does_not_start(settings: Settings, tmp_path: Path) -> None:
    path = written(tmp_path, 'may = ["view_audit_log"]', 'may = ["all"]')
    with pytest.raises(SettingsError, match="there is no such action"):
        create_app(replace(settings, matrix_file=path))


def test_categories_and_roles_that_are_held_for_providers_agree() -> None:
    for entry in built_in_matrix().roles.values():
        assert entry.for_provider is (entry.category in {Category.PROVIDER, Category.VENDOR})
        assert entry.for_provider is not bool(entry.actions & OF_OFFICES)

"""Where the folders beside the package are: in the repository, or inside an installed wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_BUNDLED = _PACKAGE / "_bundled"


def _folder(name: str) -> Path:
    bundled = _BUNDLED / name
    return bundled if bundled.is_dir() else _PACKAGE.parent / name


def schemas_folder() -> Path:
    """Folder of the specification packs that came with the product."""
    return _folder("schemas")


def plugins_folder() -> Path:
    """Folder of the built-in plugins."""
    return _folder("plugins")


def templates_folder() -> Path:
    """Folder of the page templates."""
    return _folder("templates")


def static_folder() -> Path:
    """Folder of the style sheets, scripts, fonts and pictures."""
    return _folder("static")


def migrations_folder() -> Path:
    """Folder of the Alembic migrations."""
    return _PACKAGE / "migrations"

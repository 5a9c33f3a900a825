"""The operator's folder of specification packs: one folder for each pack that was imported."""

from pathlib import Path


def installed_folders(packs_folder: Path | None) -> list[Path]:
    """List the packs of the operator's folder, by name.

    Args:
        packs_folder: The folder; None where there is none. It need not exist until something is imported.
    """
    if packs_folder is None or not packs_folder.is_dir():
        return []
    return sorted(
        folder
        for folder in packs_folder.iterdir()
        if not folder.name.startswith(".") and (folder / "pack.toml").is_file()
    )

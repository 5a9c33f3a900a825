"""Putting a finished folder into its place in one step."""

from pathlib import Path


def put_in_place(staged: Path, target: Path, aside: Path) -> None:
    """Move a finished folder to its place; the one that was there comes back where that fails.

    Args:
        staged: The finished folder, on the same file system.
        target: Its place.
        aside: Where to leave what was in its place.

    Raises:
        OSError: It cannot be moved. Then all is as before.
    """
    replaced = target.exists()
    if replaced:
        target.rename(aside)
    try:
        staged.rename(target)
    except OSError:
        if replaced:
            aside.rename(target)
        raise

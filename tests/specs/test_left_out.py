"""What a pack leaves out, and why: each edit runs, or is left out, and never both."""

import tomllib

import pytest

from iqies_flask.plugin import bundled_packs
from iqies_flask.specs.pack import load_pack


@pytest.mark.parametrize("system", ["oasis", "mds"])
def test_no_edit_both_runs_and_is_left_out(system: str) -> None:
    for folder in bundled_packs(system):
        pack = load_pack(folder)
        left_out = tomllib.loads((folder / "left_out.toml").read_text(encoding="utf-8"))
        run = {edit.id for edit in (*pack.format_edits, *pack.consistency_edits)}
        run |= {pack.subset_edit, pack.version_edit}
        assert left_out
        assert not run & left_out.keys()
        assert all(isinstance(reason, str) and reason for reason in left_out.values())

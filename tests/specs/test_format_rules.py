from iqies_flask.specs.format_rules import format_rule
from iqies_flask.specs.formats import CHARACTER_FAMILIES
from iqies_flask.specs.registry import SpecRegistry


def test_every_bundled_format_edit_has_its_sentence(specs: SpecRegistry) -> None:
    for pack in specs.packs:
        for edit in pack.format_edits:
            rule = format_rule(edit)
            assert rule.endswith(".")
            if edit.check == "characters":
                assert CHARACTER_FAMILIES[edit.options["family"]].words in rule
            for start in edit.options.get("starts", ()):
                assert start in rule

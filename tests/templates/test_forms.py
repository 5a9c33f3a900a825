"""Forms in templates."""

from iqies_flask.resources import templates_folder


def test_the_token_of_forms_is_written_in_one_place() -> None:
    folder = templates_folder()
    writing = [path for path in folder.rglob("*.html") if "csrf_token()" in path.read_text(encoding="utf-8")]
    assert [path.relative_to(folder).as_posix() for path in writing] == ["macros/form.html"]

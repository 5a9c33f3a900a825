from flask import Flask, render_template_string
from lxml import html

FORM = (
    "{% from 'macros/filter.html' import filter_form, search_choice, search_words %}"
    "{% call filter_form('/list', 'Things', **values) %}"
    "{{ search_words('q', 'Words', '\"x', 'Any.') }}"
    "{{ search_choice('kind', 'Kind', [('a', 'A'), ('b', 'B')], 'b') }}"
    "{% endcall %}"
)


def form(app: Flask, **values: object) -> html.HtmlElement:
    with app.test_request_context():
        return html.fragment_fromstring(render_template_string(FORM, values=values))


def test_form_asks_with_get_and_says_what_for(app: Flask) -> None:
    made = form(app)
    assert (made.get("method"), made.get("action"), made.get("role")) == ("get", "/list", "search")
    assert made.get("aria-label") == "Things"
    assert [button.text for button in made.iter("button")] == ["Search"]
    assert dict(made.form_values()) == {"q": '"x', "kind": "b"}
    assert made.xpath("string(//label[@for='q'])") == "Words"
    assert made.xpath("string(//*[@id=//input/@aria-describedby])") == "Any."
    assert not any(name.startswith("hx-") for name in made.attrib)


def test_all_is_offered_only_where_something_is_left_out(app: Flask) -> None:
    assert form(app).xpath("//a") == []
    (link,) = form(app, filtered=True).xpath("//a")
    assert (link.text, link.get("href")) == ("Show all", "/list")


def test_with_htmx_what_was_found_and_the_way_to_all_are_exchanged(app: Flask) -> None:
    made = form(app, name="things")
    assert made.get("hx-target") == made.get("hx-select") == "#things-found"
    assert made.get("hx-select-oob") == "#things-status:innerHTML,#things-all:innerHTML"
    assert made.xpath("//*[@id='things-all']")
    assert made.get("hx-push-url") == "true"


def test_what_is_asked_while_somebody_types_is_no_step_back(app: Flask) -> None:
    made = form(app, name="things", live="input")
    assert (made.get("hx-trigger"), made.get("hx-replace-url"), made.get("hx-push-url")) == (
        "input",
        "true",
        None,
    )


def test_form_for_a_script_is_hidden_without_it(app: Flask) -> None:
    made = form(app, form_id="search")
    assert made.get("hidden") is not None
    assert made.get("id") == "search"

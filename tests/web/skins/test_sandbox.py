"""The sandbox of skins: nothing is reached but what is shown, and escaping is never off."""

import pytest
from jinja2 import TemplateError

from assent.web.languages import read_languages
from assent.web.samples.pages import sample_pages
from assent.web.skins.drawing import draw, skin_environment
from assent.web.skins.sandbox import forbidden, loader_of
from assent.web.skins.skin import Skin
from assent.web.templates import Dress, Templates, page_folders
from assent.web.views import AppView, PageView
from tests.web.skins.folders import FOLDER

LANGUAGES = read_languages()
ENGLISH = LANGUAGES.english
NASTY = '"><script>alert(1)</script>'
CONTENT = {"page": PageView("St. Elsewhere"), "app": AppView(NASTY), "text": NASTY, "rows": ((NASTY,),)}
KNOWN = frozenset({"base.html", "login.html", "parts.html"})

REFUSED = {
    "{{ text | safe }}": "safe",
    "{% autoescape false %}{{ text }}{% endautoescape %}": "autoescape",
    "{% autoescape true %}{{ text }}{% endautoescape %}": "autoescape",
    "{{ app.__class__ }}": "__class__",
    "{{ app['__class__'] }}": "__class__",
    "{{ app | attr('__class__') }}": "attr",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}": "subclasses",
    "{{ text.format(app) }}": "format",
    "{{ '{0.__class__}'.format(app) }}": "format",
    "{{ t.__globals__ }}": "__globals__",
    "{{ __loader__ }}": "__loader__",
    "{{ text | xmlattr }}": "xmlattr",
    "{{ text | tojson }}": "tojson",
    "{{ text | urlize }}": "urlize",
    "{% filter safe %}{{ text }}{% endfilter %}": "safe",
    "{% include '/etc/passwd' %}": "/etc/passwd",
    "{% include '../../secrets.html' %}": "secrets.html",
    "{% include text %}": "named by a text",
    "{% extends text %}": "named by a text",
    "{% import 'os' as os %}": "os",
    "{% from 'lgin.html' import x %}": "did you mean login.html?",
    "{% if %}": "",
    "{{ text | uper }}": "did you mean upper?",
    "{% if text is funny %}{% endif %}": "funny",
}

FAILING = [
    "{{ ['a'] | map('safe') | join }}",
    "{{ [text] | map('attr', '__class__') | list }}",
    "{% set name = '__cla' ~ 'ss__' %}{{ app[name] }}",
    "{{ [app] | sum(attribute='__dict__') }}",
    "{{ [app] | selectattr('__module__') | list }}",
    "{{ lipsum }}",
    "{{ cycler }}",
    "{{ range(9) }}",
    "{{ dict() }}",
    "{{ self._TemplateReference__context }}",
    "{{ page() }}",
    "{{ 'x' * 1000000000 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ namespace.__init__ }}",
    "{{ unknown }}",
    "{{ app.nothing }}",
]

HOLLOW = [
    "{{ [text] | map(attribute='__class__') | list }}",
    "{{ [t] | map(attribute='__self__') | list }}",
    "{{ [app] | groupby('__class__') | map('first') | list }}",
]

HARMLESS = [
    "{{ text }}",
    "{{ app.name }}",
    "{{ text | escape }}",
    "{{ text | replace('script', 'b') }}",
    "{% set kept %}{{ text }}{% endset %}{{ kept }}",
    "{% set kept %}&lt;i&gt;{% endset %}{{ kept | replace('&lt;', '<') | replace('&gt;', '>') }}{{ kept | reverse }}",
    "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(text) }}{{ m(text) ~ text }}{{ m(text) + text }}",
    "{% macro m(x) %}{{ x }}{{ caller() }}{% endmacro %}{% call m(text) %}{{ text }}{% endcall %}",
    "{{ t('login.title_app', app=text) }}",
    "{{ rows | map('join') | join(text) }}",
    "{{ [text, '<i>'] | join('<br>') }}",
    "{{ '<i>%s' % text }}",
    "{{ text | title | upper | trim | truncate(9) }}",
]


def drawn(source: str) -> str:
    skin = Skin("tried", 1, FOLDER, {"login.html": source})
    return draw(skin_environment((skin,), {}), "login.html", CONTENT, ENGLISH)


@pytest.mark.parametrize("source", REFUSED)
def test_what_reaches_out_is_refused_with_its_line(source: str) -> None:
    found = list(forbidden("templates/login.html", f"<p>\n{source}", KNOWN))
    assert found
    assert all(one.line == 2 for one in found)
    assert REFUSED[source] in " ".join(one.text for one in found)


@pytest.mark.parametrize("source", [*FAILING, *(one for one in REFUSED if "autoescape" not in one)])
def test_what_gets_past_reading_is_stopped_while_it_is_drawn(source: str) -> None:
    with pytest.raises((TemplateError, TypeError)):
        drawn(source)


@pytest.mark.parametrize("source", HOLLOW)
def test_a_filter_finds_nothing_behind_a_value(source: str) -> None:
    assert drawn(source) == "[Undefined]"


@pytest.mark.parametrize("source", HARMLESS)
def test_whatever_a_template_does_with_a_text_it_stays_a_text(source: str) -> None:
    assert not list(forbidden("templates/login.html", source, KNOWN))
    html = drawn(source)
    assert "<script>" not in html
    assert "<SCRIPT>" not in html
    assert '">' not in html
    assert "<i>" not in html


@pytest.mark.parametrize("sample", list(sample_pages(ENGLISH)))
def test_our_own_pages_are_the_same_in_the_sandbox(sample: str) -> None:
    """So a skin may take over any of them as it is."""
    ours = Templates(page_folders(), lambda name: f"/static/{name}")
    environment = skin_environment((), Dress().words(lambda name: f"/static/{name}"))
    for messages in LANGUAGES.by_tag.values():
        template, content = sample_pages(messages)[sample]
        assert draw(environment, template, content, messages) == ours.render(template, content, messages)


def test_nothing_is_loaded_from_the_disk() -> None:
    environment = skin_environment((), {})
    environment.loader = loader_of({"one.html": ("{% include '/etc/passwd' %}", "one.html")})
    with pytest.raises(TemplateError):
        environment.get_template("one.html").render()

"""Texts: read from properties files, complete in each language, and filled in without mixing directions."""

from pathlib import Path

import pytest
from babel import Locale

from assent.spec.scopes import NamedScope, read_scope
from assent.web.languages import BUILT_IN, built_in_file, read_languages, read_messages
from assent.web.message_files import ScopeText, read_message_file
from assent.web.message_rules import file_mistakes, folder_mistakes, folder_warnings, missing_keys
from assent.web.messages import PLACE, Messages
from assent.web.words import describe_scope
from scripts.check_messages import mistakes

ENGLISH = built_in_file("en")
SMILE = "webadmin.view.security_out_smart.scope."


def test_no_language_lacks_a_text() -> None:
    assert list(mistakes()) == []


@pytest.mark.parametrize(
    ("source", "key", "text"),
    [
        ("a.b=caf\\u00e9", "a.b", "café"),
        ("a.b=café", "a.b", "café"),
        ("a\\=b\\:c=x\\=y", "a=b:c", "x=y"),
        ("a.b : x", "a.b", "x"),
        ("a.b = one \\\n    line", "a.b", "one line"),
        ("# said\n! too\na.b=x", "a.b", "x"),
        ("\ufeffa.b=x", "a.b", "x"),
        ("a.b=\\uD83D\\uDE00", "a.b", "\U0001f600"),
    ],
)
def test_a_file_is_read_as_java_reads_it_but_in_utf_8(source: str, key: str, text: str) -> None:
    file = read_message_file(source.encode())
    assert (file.texts, file.mistakes) == ({key: text}, ())


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"a.b=\xff", "not UTF-8"),
        (b"a.b=\\u12", "four hexadecimal digits"),
        (b"a.b=x\na.b=y", "a.b: is there twice"),
        (b"a.b= ", "a.b: has no text"),
        (b"a.b=\\uD800", "a.b: holds half of a surrogate pair"),
        (b"scope.patient/*.rs=x", "scope.patient/*.rs: ends in .name"),
        (b"scope.patient/*.rs?category=laboratory.name=x", "written \\= and \\:"),
        (b"scope.patient/Nothing.rs.name=x", "names no scope"),
    ],
)
def test_what_cannot_be_read_is_named(source: bytes, said: str) -> None:
    [mistake] = read_message_file(source).mistakes
    assert said in mistake


@pytest.mark.parametrize("key", ["scope.patient/Observation.read", SMILE + "patient/Observation.read"])
@pytest.mark.parametrize("asked", ["patient/Observation.read", "patient/Observation.rs"])
def test_a_text_meets_its_scope_by_meaning_under_both_names(key: str, asked: str) -> None:
    file = read_message_file(f"{key}.name=Your numbers".encode())
    messages = Messages("en", ENGLISH.texts, file.scopes)
    words = describe_scope(read_scope(asked), messages)
    assert words.title == "Your numbers"
    assert words.technical == asked
    assert describe_scope(read_scope("patient/Observation.r"), messages).title == "Results and measurements"


def test_order_and_encoding_of_constraints_make_no_other_scope() -> None:
    key = "scope.patient/Observation.rs?code\\=http\\://loinc.org|8480-6&category\\=vital-signs.name"
    scope = read_scope("patient/Observation.rs?category=vital-signs&code=http%3A%2F%2Floinc.org%7C8480-6")
    assert read_message_file(f"{key}=Pressure".encode()).scopes == {scope: ScopeText("Pressure")}


def test_our_own_key_goes_before_the_alias() -> None:
    file = read_message_file(f"{SMILE}a.name=theirs\nscope.a.name=ours\n{SMILE}a.details=all".encode())
    assert file.scopes == {NamedScope("a"): ScopeText("ours", "", "all")}


@pytest.mark.parametrize("language", BUILT_IN)
def test_each_plural_form_of_a_language_is_said(language: str) -> None:
    messages = read_messages(language)
    said = {messages.count("counted.some", number).replace(str(number), "#") for number in range(200)}
    forms = {messages.locale.plural_form(number) for number in range(200)}
    assert len(said) == len(forms)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "لا توجد إدخالات"),
        (1, "إدخال واحد"),
        (2, "إدخالان"),
        (3, "3 إدخالات"),
        (11, "11 إدخالًا"),
        (100, "100 إدخال"),
        (1234, "1,234 إدخالًا"),
    ],
)
def test_arabic_has_six_plural_forms(number: int, said: str) -> None:
    assert read_messages("ar").count("counted.some", number) == said


def test_a_million_has_a_form_of_its_own_in_spanish_and_french() -> None:
    assert read_messages("es").count("counted.some", 1_000_000) == "1.000.000 de registros"
    assert read_messages("fr").count("counted.some", 1_000_000).endswith(" d’entrées")


@pytest.mark.parametrize("language", BUILT_IN)
def test_a_language_says_its_direction(language: str) -> None:
    assert read_messages(language).direction == ("rtl" if language == "ar" else "ltr")
    assert Messages("he", {}).direction == "rtl"


def test_a_value_of_the_other_direction_is_kept_apart() -> None:
    assert read_messages("ar").text("app.by", publisher="Cordia (UK)") == "من \u2068Cordia (UK)\u2069"
    assert read_messages("ar").text("words.quoted", text="8480-6") == "«\u20688480-6\u2069»"
    assert read_messages("ar").text("app.by", publisher="ليلى") == "من ليلى"
    assert read_messages("en").text("app.by", publisher="ليلى") == "by \u2068ليلى\u2069"
    assert read_messages("en").text("app.by", publisher="Cordia 2") == "by Cordia 2"


def test_a_value_is_never_read_as_a_place() -> None:
    assert (
        read_messages("en").text("page.acting_for", name="{born} {0} {name.x}") == "For: {born} {0} {name.x}"
    )


def test_a_folder_stands_over_our_texts_key_by_key(tmp_path: Path) -> None:
    (tmp_path / "de.properties").write_text("login.title=Grüezi\nscope.acme\\:read.name=Akte", "utf-8")
    (tmp_path / "de-CH.properties").write_text("login.submit=Los", "utf-8")
    (tmp_path / "pt.properties").write_text("login.title=Entrar", "utf-8")
    languages = read_languages(tmp_path)
    assert languages.tags == (*BUILT_IN, "de-CH", "pt")
    german, swiss = languages.by_tag["de"], languages.by_tag["de-CH"]
    assert (german.text("login.title"), german.text("login.submit")) == ("Grüezi", "Anmelden")
    assert (swiss.text("login.title"), swiss.text("login.submit")) == ("Grüezi", "Los")
    assert swiss.scope(NamedScope("acme:read")).name == "Akte"
    assert swiss.scope(NamedScope("openid")).name
    assert languages.by_tag["pt"].text("login.submit") == "Sign in"
    assert languages.english.text("login.title") == "Sign in"


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        ("de", "login.titel=x", "de.properties: login.titel: unknown key; did you mean login.title?"),
        ("de", "app.by=von {publishr}", "the place {publishr} is unknown; did you mean publisher?"),
        ("de", "app.by=von ihr", "app.by: the place {publisher} is missing"),
        ("de", "counted.some.few=x {number}", "counted.some.few: de has the plural forms one, other"),
        ("de", "counted.some.other=viele", "counted.some.other: the place {number} is missing"),
        ("messages", "login.title=x", "is named after no language"),
        ("xx", "login.title=x", "is named after no language"),
    ],
)
def test_what_is_wrong_in_a_folder_is_named(tmp_path: Path, name: str, source: str, said: str) -> None:
    (tmp_path / f"{name}.properties").write_text(source, "utf-8")
    found = folder_mistakes(tmp_path)
    assert any(said in mistake for mistake in found)


def test_a_right_folder_has_no_mistakes_and_says_what_a_new_language_leaves_out(tmp_path: Path) -> None:
    source = "counted.some.one=eine\nscope.acme\\:x.name=Geld {sic}"
    (tmp_path / "de.properties").write_text(source, "utf-8")
    assert folder_mistakes(tmp_path) == folder_warnings(tmp_path) == []
    (tmp_path / "pt.properties").write_text("login.title=Entrar", "utf-8")
    [warning] = folder_warnings(tmp_path)
    assert warning.startswith("pt.properties: ")
    assert folder_mistakes(tmp_path / "nowhere") == [f"{tmp_path / 'nowhere'} is no folder"]


def test_a_language_without_one_of_its_forms_or_keys_is_not_whole() -> None:
    arabic = built_in_file("ar")
    texts = {
        key: text for key, text in arabic.texts.items() if key not in ("counted.some.two", "login.title")
    }
    scopes = {scope: said for scope, said in arabic.scopes.items() if scope != NamedScope("openid")}
    file = type(arabic)(texts, scopes)
    assert list(file_mistakes("ar", file, ENGLISH.texts)) == []
    missing = list(missing_keys("ar", file, ENGLISH))
    assert missing[:2] == ["login.title: is missing", "counted.some.two: is missing"]
    assert len(missing) == 5


@pytest.mark.parametrize("language", BUILT_IN)
def test_no_language_says_what_another_says(language: str) -> None:
    """A text that was left in English would be the same."""
    texts, english = built_in_file(language).texts, ENGLISH.texts
    same = {key for key in texts if texts[key] == english.get(key) and any(c.isalpha() for c in texts[key])}
    assert language == "en" or all(len(PLACE.sub("", texts[key])) < 14 for key in same), same
    assert Locale.parse(language).language == language

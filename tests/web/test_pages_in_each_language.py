"""Every page in every language: complete, in its direction, and the approval page word by word."""

import re
from pathlib import Path

import pytest

import assent
from assent.spec.scopes import read_scope
from assent.web.cookies import cookie_of
from assent.web.language_choice import LanguageChoice, prefer_locales
from assent.web.languages import BUILT_IN, read_languages
from assent.web.samples.pages import sample_pages
from assent.web.templates import Templates
from assent.web.words import ask_approval, describe_scope
from tests.web.test_languages import asking

TEMPLATES = Templates([Path(assent.__file__).parent / "pages" / "templates"], lambda name: f"/static/{name}")
CHOICE = LanguageChoice(read_languages(), cookie_of("language", "default", https=False))
ENGLISH = CHOICE.languages.english
SAMPLES = list(sample_pages(ENGLISH))


def drawn(language: str, sample: str) -> str:
    request = asking(f"sample={sample}")
    prefer_locales(request, language)
    messages = CHOICE.messages(request)
    template, context = sample_pages(messages)[sample]
    return TEMPLATES.render(template, {"languages": CHOICE.links(request), **context}, messages)


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("language", BUILT_IN)
def test_a_page_is_whole_in_its_language_and_direction(language: str, sample: str) -> None:
    html = drawn(language, sample)
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in html
    text = re.sub(r"<[^>]*>", " ", html)
    assert not re.search(r"\{\w+\}", text)
    assert len(html.encode()) < 60_000
    assert html.count('aria-current="true"') == 1


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_page_speaks_no_english_in_another_language(sample: str) -> None:
    """A sentence of ours that two languages share was never translated."""
    said = {text for text in ENGLISH.texts.values() if len(text) > 20 and "{" not in text}
    for language in BUILT_IN[1:]:
        html = drawn(language, sample)
        assert not [text for text in said if text in html], language


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_switch_leads_to_the_page_itself_and_needs_no_script(sample: str) -> None:
    html = drawn("en", sample)
    for language in BUILT_IN:
        assert f'href="?sample={sample}&amp;language={language}" lang="{language}"' in html
    assert html.count("<script") == html.count("passkeys.js")


def test_style_sheets_know_neither_left_nor_right() -> None:
    """Only logical properties turn around with the language."""
    folder = Path(assent.__file__).parent / "web" / "static"
    physical = re.compile(
        r"(?<![\w-])(inset|left|right|(margin|padding|border|inset)-(left|right)|float|text-align\s*:\s*(left|right))"
        r"\s*[:;]"
    )
    for sheet in folder.glob("*.css"):
        assert not physical.search(re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)), sheet


V1, V2 = "patient/Observation.read", "patient/Condition.cruds"
GRANULAR = "patient/Observation.rs?category=laboratory,vital-signs"
LIMITED = "patient/Observation.rs?code=http://loinc.org|8480-6"
GOLDEN = {
    "en": (
        "Do you want Diary to see and change Leo’s health record?",
        "Results and measurements",
        "See, add, change and delete health problems and diagnoses",
        "Lab results and vital signs",
        "Only those where the code is “8480-6”.",
    ),
    "es": (
        "¿Quiere que Diary vea y cambie la historia clínica de Leo?",
        "Resultados y mediciones",
        "Ver, añadir, cambiar y borrar: problemas de salud y diagnósticos",
        "Resultados de laboratorio y signos vitales",
        "Solo los registros con este límite: código «8480-6».",
    ),
    "fr": (
        "Voulez-vous que Diary voie et modifie le dossier de santé de Leo\u00a0?",
        "Résultats et mesures",
        "Voir, ajouter, modifier et supprimer\u00a0: problèmes de santé et diagnostics",
        "Résultats de laboratoire et signes vitaux",
        "Seulement les entrées avec cette limite\u00a0: code «\u00a08480-6\u00a0».",
    ),
    "de": (
        "Darf Diary die Gesundheitsakte von Leo sehen und ändern?",
        "Ergebnisse und Messwerte",
        "Gesundheitsprobleme und Diagnosen sehen, hinzufügen, ändern und löschen",
        "Laborwerte und Vitalwerte",
        "Nur Einträge mit dieser Grenze: Code „8480-6“.",
    ),
    "ar": (
        "هل تريد أن يرى \u2068Diary\u2069 السجل الصحي الخاص بـ \u2068Leo\u2069 وأن يغيّره؟",
        "النتائج والقياسات",
        "رؤية وإضافة وتغيير وحذف: المشاكل الصحية والتشخيصات",
        "نتائج المختبر والعلامات الحيوية",
        "فقط الإدخالات ضمن هذا الحد: الرمز \u2068«\u20688480-6\u2069»\u2069.",
    ),
}


@pytest.mark.row("S15")
@pytest.mark.parametrize("language", BUILT_IN)
def test_the_approval_of_v1_v2_and_granular_scopes_is_said_in_each_language(language: str) -> None:
    messages = CHOICE.languages.by_tag[language]
    scopes = [read_scope(text) for text in (V1, V2, GRANULAR)]
    titles = [describe_scope(scope, messages).title for scope in scopes]
    limit = describe_scope(read_scope(LIMITED), messages).short
    assert (ask_approval(scopes, "Diary", messages, "Leo"), *titles, limit) == GOLDEN[language]


@pytest.mark.parametrize("language", BUILT_IN)
def test_each_combination_of_changes_is_a_phrase_of_its_own(language: str) -> None:
    messages = CHOICE.languages.by_tag[language]
    combinations = ("c", "u", "d", "cu", "cd", "ud", "cud")
    letters = [*combinations, *(f"c{'r'}{one[1:]}" if one[0] == "c" else f"r{one}" for one in combinations)]
    said = {describe_scope(read_scope(f"patient/Goal.{one}"), messages).title for one in letters}
    assert len(said) == 14


@pytest.mark.parametrize("language", BUILT_IN)
def test_an_unnamed_custom_scope_shows_its_text_and_a_note(language: str) -> None:
    messages = CHOICE.languages.by_tag[language]
    words = describe_scope(read_scope("https://app.example/coach"), messages)
    assert words.title == words.technical == "https://app.example/coach"
    assert words.short == words.long == messages.text("words.custom")

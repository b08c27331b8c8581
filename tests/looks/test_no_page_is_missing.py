"""Nothing that a person can be shown escapes the samples: no template, and no sentence of a template."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from jinja2 import Environment, meta

from assent.web.language_choice import LanguageLink
from assent.web.languages import read_messages
from assent.web.samples.pages import sample_pages
from assent.web.templates import Templates, page_folders, read_page_templates

ENGLISH = read_messages("en")
SAMPLES = sample_pages(ENGLISH)
TEMPLATES = read_page_templates()
DRAWN_FROM = Templates(page_folders(), lambda name: f"/static/{name}")
SWITCH = tuple(
    LanguageLink(tag, tag, "ltr", f"?language={tag}", is_current=tag == "en") for tag in ("en", "de")
)
SENTENCE = re.compile(r"\b(?:t|count)\(\s*[\"']([\w.]+)[\"']")


@dataclass
class Said(Mapping[str, str]):
    """Texts that remember which of them were asked for."""

    texts: Mapping[str, str]
    asked: set[str] = field(default_factory=set)

    def __getitem__(self, key: str) -> str:
        self.asked.add(re.sub(r"\.(zero|one|two|few|many|other)$", "", key))
        return self.texts[key]

    def __contains__(self, key: object) -> bool:
        return key in self.texts

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)


def parts_of_others() -> set[str]:
    """The templates that others are made of: frames, and collections of pieces."""
    environment = Environment(autoescape=True)
    return {
        str(name)
        for text in TEMPLATES.values()
        for name in meta.find_referenced_templates(environment.parse(text))
    }


def test_every_template_has_a_sample() -> None:
    assert TEMPLATES.keys() - parts_of_others() - {template for template, _ in SAMPLES.values()} == set()


def test_every_sentence_of_a_template_is_said_by_a_sample() -> None:
    """A sentence that no sample says stands in a state of a page that nobody has looked at."""
    said: set[str] = set()
    for language in ("en", "de"):
        messages = read_messages(language)
        texts = Said(messages.texts)
        for template, context in sample_pages(messages).values():
            DRAWN_FROM.render(template, {"languages": SWITCH, **context}, replace(messages, texts=texts))
        said |= texts.asked
    unsaid = {
        f"{name}: {key}" for name, text in TEMPLATES.items() for key in set(SENTENCE.findall(text)) - said
    }
    assert not unsaid, "\n".join(sorted(unsaid))


def test_pages_of_different_kinds_have_different_titles() -> None:
    kinds: dict[str, set[str]] = {}
    for template, context in SAMPLES.values():
        title = re.search(r"<title>(.*?)</title>", DRAWN_FROM.render(template, context, ENGLISH), re.DOTALL)
        assert title is not None
        kinds.setdefault(title[1], set()).add(template)
    assert {title: kinds[title] for title in kinds if len(kinds[title]) > 1} == {}

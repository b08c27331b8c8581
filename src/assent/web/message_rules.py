"""What a file of messages may say, measured by the English one: `assent check` and `make check` ask here.

Owns the rules: known keys, the same places, the plural forms that CLDR gives the language. What cannot be read at
all is `message_files`' business.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from assent.actions.definitions import nearest
from assent.web.languages import BUILT_IN, ENGLISH, built_in_file, is_language
from assent.web.message_files import MessageFile, ScopeText, read_message_file
from assent.web.messages import PLACE, locale_of


def file_mistakes(language: str, file: MessageFile, english: Mapping[str, str]) -> Iterator[str]:
    """What is wrong in a file of `language`, whatever it leaves out; each by its key."""
    yield from file.mistakes
    stems = plural_stems(english)
    forms = plural_forms(language)
    for key, text in file.texts.items():
        stem, _, form = key.rpartition(".")
        if stem in stems:
            if form not in forms:
                known = ", ".join(sorted(forms))
                yield f"{key}: {language} has the plural forms {known}"
                continue
            reference = english[f"{stem}.other"]
            # a form for one number alone may write it out: `1 entry`
            needed = places(reference) - ({"number"} if form in ("zero", "one", "two") else set())
        elif key in english:
            reference, needed = english[key], places(english[key])
        else:
            yield f"{key}: unknown key{nearest(key, english)}"
            continue
        yield from (
            f"{key}: the place {{{place}}} is unknown{nearest(place, places(reference))}"
            for place in sorted(places(text) - places(reference))
        )
        yield from (f"{key}: the place {{{place}}} is missing" for place in sorted(needed - places(text)))


def missing_keys(language: str, file: MessageFile, english: MessageFile) -> Iterator[str]:
    """What a whole language leaves out: keys, and what English says of scopes."""
    stems = plural_stems(english.texts)
    wanted = [key for key in english.texts if key.rpartition(".")[0] not in stems]
    wanted += [f"{stem}.{form}" for stem in stems for form in sorted(plural_forms(language))]
    yield from (f"{key}: is missing" for key in wanted if key not in file.texts)
    for scope, said in english.scopes.items():
        own = file.scopes.get(scope, ScopeText())
        missing = [part for part in ("name", "description", "details") if getattr(said, part)]
        yield from (f"{scope}: has no {part}" for part in missing if not getattr(own, part))


def folder_mistakes(folder: Path) -> list[str]:
    """What is wrong with a deployment's own folder of messages, each by file and key."""
    if not folder.is_dir():
        return [f"{folder} is no folder"]
    english = built_in_file(ENGLISH).texts
    mistakes: list[str] = []
    for path in sorted(folder.glob("*.properties")):
        if not is_language(path.stem):
            mistakes.append(
                f"{path.name}: is named after no language: write de.properties or de-AT.properties"
            )
            continue
        try:
            file = read_message_file(path.read_bytes())
        except OSError as error:
            mistakes.append(f"{path.name}: cannot be read: {error.strerror}")
            continue
        mistakes += [f"{path.name}: {mistake}" for mistake in file_mistakes(path.stem, file, english)]
    return mistakes


def folder_warnings(folder: Path) -> list[str]:
    """What a folder leaves to English: languages of its own that are not whole."""
    english = built_in_file(ENGLISH)
    warnings = []
    for path in sorted(folder.glob("*.properties")):
        if is_language(path.stem) and path.stem.partition("-")[0] not in BUILT_IN:
            missing = list(missing_keys(path.stem, read_message_file(path.read_bytes()), english))
            if missing:
                warnings.append(f"{path.name}: {len(missing)} texts are left out and said in English")
    return warnings


def plural_stems(english: Mapping[str, str]) -> frozenset[str]:
    """The keys that are counted: those that English has in `.one` and `.other`."""
    return frozenset(
        stem
        for stem, dot, form in (key.rpartition(".") for key in english)
        if dot and form == "one" and f"{stem}.other" in english
    )


def plural_forms(language: str) -> frozenset[str]:
    """The plural forms of a language. Source: CLDR, cardinal rules."""
    return frozenset(locale_of(language).plural_form.tags) | {"other"}


def places(text: str) -> set[str]:
    """The names of the `{places}` of a text."""
    return set(PLACE.findall(text))

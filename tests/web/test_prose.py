"""Long texts: the part of Markdown that is understood, and everything else as it was written."""

from hypothesis import given
from hypothesis import strategies as st

from assent.web.prose import Block, Span, read_prose, read_spans


def kinds(text: str) -> list[str]:
    return [block.kind for block in read_prose(text)]


def plain(block: Block) -> list[str]:
    return ["".join(span.text for span in line) for line in block.lines]


def test_headings_paragraphs_and_lists_are_told_apart() -> None:
    blocks = read_prose("# One\ntext\nmore\n\n## Two ##\n- a\n* b\n\n1. c\n2) d\n### Three")
    assert [(block.kind, block.level, plain(block)) for block in blocks] == [
        ("heading", 1, ["One"]),
        ("paragraph", 0, ["text more"]),
        ("heading", 2, ["Two"]),
        ("bullets", 0, ["a", "b"]),
        ("numbers", 0, ["c", "d"]),
        ("heading", 3, ["Three"]),
    ]


def test_an_entry_goes_on_in_the_next_line_and_a_list_beyond_an_empty_one() -> None:
    [block] = read_prose("- a\n  more of a\n\n- b")
    assert plain(block) == ["a more of a", "b"]


def test_a_paragraph_after_a_list_stands_alone() -> None:
    assert kinds("- a\n\nthen") == ["bullets", "paragraph"]


def test_clauses_keep_their_numbers_though_paragraphs_stand_between_them() -> None:
    blocks = read_prose("3. Third\n\nIts text.\n\n4. Fourth")
    assert [(block.kind, block.first) for block in blocks] == [
        ("numbers", 3),
        ("paragraph", 1),
        ("numbers", 4),
    ]


def test_a_year_at_the_beginning_of_a_line_is_no_list() -> None:
    [block] = read_prose("It was the year\n2026. Nothing happened.")
    assert plain(block) == ["It was the year 2026. Nothing happened."]


def test_words_have_their_manner() -> None:
    assert read_spans("a **b** *c* [d](https://e.example/f) [g](mailto:h@i.example)") == (
        Span("a "),
        Span("b", "strong"),
        Span(" "),
        Span("c", "emphasis"),
        Span(" "),
        Span("d", "link", "https://e.example/f"),
        Span(" "),
        Span("g", "link", "mailto:h@i.example"),
    )


def test_a_backslash_takes_the_meaning_from_a_sign() -> None:
    assert read_spans(r"\*not this\*, 3 * 4 * 5") == (Span("*not this*, 3 * 4 * 5"),)


def test_links_to_anything_but_https_and_mail_stay_words() -> None:
    for text in ("[a](javascript:alert(1))", "[a](http://b.example)", "[a](data:text/html,x)", "[a](/login)"):
        assert read_spans(text) == (Span(text),)
    assert all(span.url is None or '"' not in span.url for span in read_spans('[a](https://b"onclick=x)'))


def test_markup_is_words_like_any_others() -> None:
    [block] = read_prose("<b>bold</b> &amp; <script>x</script>")
    assert plain(block) == ["<b>bold</b> &amp; <script>x</script>"]


@given(st.text(st.sampled_from("ab #-*1.[]()\\\n\thtps:/"), max_size=80))
def test_any_text_is_read_and_none_of_its_letters_is_lost(text: str) -> None:
    blocks = read_prose(text)
    shown = "".join(span.text for block in blocks for line in block.lines for span in line)
    links = "".join(span.url or "" for block in blocks for line in block.lines for span in line)
    assert sorted(letter for letter in text if letter in "ab") == sorted(
        letter for letter in shown + links if letter in "ab"
    )

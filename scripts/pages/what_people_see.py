"""`docs/pages.md`: every page by pictures, from the table in `scripts/pages_in_docs.py`."""

from scripts.pages_in_docs import LOOKS, SECTIONS, ShownPage

WIDTHS = {"phone": 200, "desktop": 420, "arabic": 200}


def render() -> str:
    """The page: a section for each part of the way, and in it the pages as they are met."""
    lines = [
        "# What people see",
        "",
        "Every page, on a phone and on a desktop, in light and dark colours, and from right to left. The pictures are",
        "drawn from a running demo by the tests that look at every page (`make screenshots`); this page is written by",
        "`make docs`. How to change the words: [Change the words](how-to/change-the-words.md).",
    ]
    for heading, pages in SECTIONS.items():
        lines += ["", f"## {heading}"]
        for page in pages:
            lines += ["", f"### {page.title}", "", page.words, "", *map(str.rstrip, _pictures(page))]
    return "\n".join(lines) + "\n"


def _pictures(page: ShownPage) -> list[str]:
    return [
        f'<img src="images/pages/{file}" width="{WIDTHS[look]}" alt="{page.title}, {LOOKS[look]}">'
        for look, file in page.pictures().items()
    ]

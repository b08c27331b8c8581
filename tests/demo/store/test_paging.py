"""Sorting, counting and paging."""

import pytest

from store.asking import BASE, Json, key_of, keys, link_of

SEARCHES = (
    "Observation?patient=amy",
    "Observation?patient=amy&_sort=date",
    "Observation?patient=amy&_sort=-date,code",
    "Observation?patient=amy&_sort=value-quantity",
    "Patient?_sort=family,given",
    "Patient?_sort=-birthdate",
    "Patient?_sort=death-date",
    "Encounter?subject=leo&_sort=-_lastUpdated",
    "Observation?patient=amy&_sort=patient",
    "Observation/_history",
    "Patient/amy/$everything?",
)


@pytest.mark.parametrize("path", SEARCHES)
@pytest.mark.parametrize("count", [7, 50])
def test_pages_hold_every_match_once_and_in_order(whole, path, count):
    separator = "&" if "?" in path else "?"
    if path == "Observation/_history":
        path, count = "Observation/_history?_since=2026-11-01", count
        separator = "&"
    everything = [key_of(each["resource"]) for each in whole.get(f"{path}{separator}_count=1000")["entry"]]
    pages = whole.pages(f"{path}{separator}_count={count}")
    paged = [key_of(each["resource"]) for page in pages for each in page["entry"]]
    assert paged == everything
    assert {page["total"] for page in pages} == {len(everything)}
    assert all(len(page["entry"]) == count for page in pages[:-1])


def test_previous_links_lead_back_to_the_same_pages(whole):
    pages = whole.pages("Observation?patient=amy&_sort=-date&_count=20")
    back = [pages[-1]]
    while link := link_of(back[-1], "previous"):
        back.append(whole.get(link.removeprefix(BASE)))
    assert [keys(page, "match") for page in reversed(back)] == [keys(page, "match") for page in pages]
    assert link_of(pages[0], "previous") == ""
    assert link_of(pages[-1], "next") == ""


def patient(name: str) -> Json:
    return {"resourceType": "Patient", "id": name, "name": [{"family": name}]}


def test_what_is_written_between_two_pages_moves_nothing(small):
    store = small(*(patient(name) for name in ("b", "c", "d", "e")))
    first = store.get("Patient?_sort=family&_count=2")
    assert keys(first, "match") == ["Patient/b", "Patient/c"]
    store.send("PUT", "Patient/a", patient("a"))
    store.send("DELETE", "Patient/b")
    second = store.get(link_of(first, "next").removeprefix(BASE))
    assert keys(second, "match") == ["Patient/d", "Patient/e"]


def test_a_paging_link_repeats_the_whole_search(whole):
    bundle = whole.get("Observation?patient=amy&category=laboratory&_sort=-date&_count=3")
    link = link_of(bundle, "next")
    assert link.startswith(
        f"{BASE}/Observation?patient=amy&category=laboratory&_sort=-date&_count=3&_cursor="
    )


def test_sorting_puts_what_has_no_value_last_in_either_direction(small):
    nameless = {"resourceType": "Patient", "id": "nameless"}
    store = small(nameless, patient("b"), patient("a"))
    assert store.found("Patient?_sort=family") == ["Patient/a", "Patient/b", "Patient/nameless"]
    assert store.found("Patient?_sort=-family") == ["Patient/b", "Patient/a", "Patient/nameless"]


def test_sorting_by_date_follows_the_clock_not_the_spelling(small):
    def seen(name: str, at: str) -> Json:
        return {"resourceType": "Observation", "id": name, "effectiveDateTime": at}

    store = small(
        seen("late", "2024-01-01T12:00:00Z"),
        seen("early", "2024-01-01T13:00:00+02:00"),
        seen("year", "2024"),
    )
    assert store.found("Observation?_sort=date") == [
        "Observation/year",
        "Observation/early",
        "Observation/late",
    ]


def test_counting_gives_a_number_and_no_entry(whole):
    for path in ("Patient?_summary=count", "Patient?_count=0"):
        bundle = whole.get(path)
        assert bundle["total"] >= 60
        assert "entry" not in bundle


def test_the_total_can_be_left_out(whole):
    assert "total" not in whole.get("Patient?_total=none")


def test_a_page_of_five_hundred_is_given(whole):
    assert len(whole.get("Observation?_count=500")["entry"]) == 500


@pytest.mark.parametrize(
    "query",
    [
        "_cursor=nonsense",
        "_cursor=bnVsbA",
        "_count=-1",
        "_count=many",
        "_sort=colour",
        "_total=some",
        "_count=1&_count=2",
    ],
)
def test_a_result_parameter_that_cannot_be_read_is_refused(whole, query):
    assert whole.send("GET", f"Patient?{query}").status == 400


def test_a_cursor_of_another_order_is_refused(whole):
    cursor = link_of(whole.get("Patient?_sort=family&_count=2"), "next").partition("_cursor=")[2]
    assert whole.send("GET", f"Patient?_cursor={cursor}").status == 400

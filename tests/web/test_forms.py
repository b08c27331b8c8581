"""Forms and queries: strict in syntax, whole in content."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assent.spec.errors import InvalidRequest
from assent.web.forms import MAX_FIELDS, Form, read_form, read_query
from web.surfaces import Client, around

FORM = "application/x-www-form-urlencoded"


async def token(request: Request) -> Response:
    return JSONResponse(await read_form(request))


@pytest.fixture(scope="module")
def client() -> Client:
    return around(Route("/token", token, methods=["POST"]))


def test_fields_come_in_order_and_repeated_ones_are_kept(client: Client) -> None:
    answer = client.post("/token", content="a=1&b=%C3%A9+x&a=2&c=&d", headers={"Content-Type": FORM})
    assert answer.json() == [["a", "1"], ["b", "é x"], ["a", "2"], ["c", ""], ["d", ""]]


@pytest.mark.parametrize(
    "media_type", [FORM, f"{FORM}; charset=UTF-8", FORM.upper(), f'{FORM};charset="utf-8"']
)
def test_the_content_type_of_forms_is_taken_in_all_its_spellings(client: Client, media_type: str) -> None:
    assert client.post("/token", content="a=1", headers={"Content-Type": media_type}).status_code == 200


@pytest.mark.row("T1", "T5")
@pytest.mark.parametrize(
    "media_type", ["application/json", "multipart/form-data; boundary=x", "text/plain", f"{FORM}-2", "", "é"]
)
def test_another_content_type_is_an_invalid_request(client: Client, media_type: str) -> None:
    answer = client.post("/token", content=b"{}", headers={b"Content-Type": media_type.encode("latin-1")})
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    "body",
    [b"a=%FF", b"a=\xff", b"a=%ED%A0%80", b"a=%00", b"a=\0", b"&".join([b"a=1"] * (MAX_FIELDS + 1))],
    ids=["bad UTF-8", "raw bad UTF-8", "surrogate", "NUL", "raw NUL", "too many"],
)
def test_malformed_text_is_an_invalid_request(client: Client, body: bytes) -> None:
    answer = client.post("/token", content=body, headers={"Content-Type": FORM})
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


def test_a_charset_other_than_utf_8_is_refused(client: Client) -> None:
    headers = {"Content-Type": f"{FORM}; charset=iso-8859-1"}
    assert client.post("/token", content="a=1", headers=headers).status_code == 400


@given(st.binary(max_size=200))
def test_any_query_is_read_or_refused(query: bytes) -> None:
    request = Request({"type": "http", "query_string": query, "headers": []})
    try:
        pairs = read_query(request)
    except InvalidRequest:
        return
    assert all("\0" not in name + value for name, value in pairs)
    "".join(name + value for name, value in pairs).encode()


def test_a_form_gives_one_value_or_many() -> None:
    form = Form((("scope", "a"), ("username", "amy"), ("scope", "b")))
    assert form.one("username") == "amy"
    assert form.one("password") is None
    assert form.many("scope") == ("a", "b")
    with pytest.raises(InvalidRequest, match="scope is repeated"):
        form.one("scope")


def test_a_form_shows_no_values() -> None:
    assert "hunter2" not in repr(Form((("password", "hunter2"),)))


@given(st.lists(st.text(st.sampled_from("ab=&;+%2CA9F é\u2028"), max_size=12), max_size=6).map("&".join))
def test_a_query_is_read_as_the_standard_library_reads_it(text: str) -> None:
    raw = text.encode()
    try:
        expected = parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(InvalidRequest, match="UTF-8"):
            read_query(Request({"type": "http", "query_string": raw}))
    else:
        assert read_query(Request({"type": "http", "query_string": raw})) == expected

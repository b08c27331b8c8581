"""Reading whole documents: JSON, the list in an import."""

import pytest

from assent.actions.documents import read_items, read_json
from assent.actions.refusals import Refused


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        ("[]", "the document: must be an object"),
        ("{}", "clients: is required"),
        ('{"clients": {}}', "clients: must be a list"),
        ('{"client": []}', "client: unknown field; did you mean clients?"),
    ],
)
def test_a_document_is_one_object_with_one_list(document: str, rule: str) -> None:
    with pytest.raises(Refused) as caught:
        read_items(read_json(document), "clients")

    assert rule in caught.value.mistakes


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (b'{"a": 1, "a": 2}', "there twice"),
        (b'{"a": NaN}', "no JSON value"),
        (b'{"a": ', "line 1, column 7"),
        (b"\xff\xfe{", "not"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(source: bytes, rule: str) -> None:
    with pytest.raises(Refused) as caught:
        read_json(source)

    assert rule in caught.value.mistakes[0]

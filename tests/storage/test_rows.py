"""What a column can hold, and what a record becomes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import pytest

from assent.records.clients import ClientSecret
from assent.storage.interface import Add, Change, Put, Table, Unstorable, act
from assent.storage.rows import layout_of
from assent.storage.steps import steps_of
from assent.storage.tables import AUDIT, CLIENTS, GRANTS
from assent.testing.storage_records import a_client, a_grant, an_event


@dataclass(frozen=True, slots=True)
class Sample:
    key: str
    number: int = 0
    maybe: str | None = None
    choice: Literal["a", "b"] = "a"
    raw: bytes = b""
    flag: bool = False
    words: tuple[str, ...] = ()
    document: dict[str, Any] | None = None


SAMPLES = Table("samples", Sample, key=("key",))


def row_of(record: Any) -> tuple[Any, ...]:
    [step] = steps_of(act(Add(SAMPLES, record)))
    return step.values


def test_each_type_has_its_kind_of_column() -> None:
    columns = {c.name: (c.kind, c.nullable) for c in layout_of(SAMPLES).columns}
    assert columns == {
        "key": ("text", False),
        "number": ("integer", False),
        "maybe": ("text", True),
        "choice": ("text", False),
        "raw": ("bytes", False),
        "flag": ("boolean", False),
        "words": ("json", False),
        "document": ("json", True),
    }


def test_plain_values_are_columns_as_such_and_the_rest_is_json() -> None:
    record = Sample("k", 1, None, "b", b"\0", True, ("x", "é"), {"a": [1, None]})
    assert row_of(record) == ("k", 1, None, "b", b"\0", True, '["x","é"]', '{"a":[1,null]}')
    assert layout_of(SAMPLES).decode(row_of(record)) == record


def test_truths_that_come_as_numbers_are_truths_again() -> None:
    record = layout_of(SAMPLES).decode(("k", 1, None, "a", b"", 1, "[]", None))
    assert record.flag is True


def test_nested_values_come_back_as_values() -> None:
    client = replace(a_client(), secrets=(ClientSecret("1", "first", "sha256$00", expires_at=5),))
    [step] = steps_of(act(Put(CLIENTS, client)))
    assert layout_of(CLIENTS).decode(step.values) == client


@pytest.mark.parametrize(
    "wrong",
    [{"key": "a\0"}, {"maybe": "\udcff"}, {"number": 2**63}, {"number": -(2**63) - 1}, {"key": "x" * 601},
     {"key": "é" * 301}, {"document": {"a": "\ud800"}}],
    ids=str,
)  # fmt: skip
def test_what_some_database_cannot_keep_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Unstorable):
        row_of(replace(Sample("k"), **wrong))


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": None},
        {"key": b"k"},
        {"number": True},
        {"number": 1.0},
        {"raw": "x"},
        {"flag": 1},
        {"words": None},
    ],
    ids=str,
)
def test_values_of_another_type_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        row_of(replace(Sample("k"), **wrong))


def test_a_refusal_names_the_field_and_never_the_value() -> None:
    with pytest.raises(Unstorable) as refused:
        row_of(replace(Sample("k"), maybe="very secret\0"))
    assert "maybe" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_record_of_another_table_is_refused() -> None:
    with pytest.raises(TypeError, match="grants keeps Grant, not Client"):
        steps_of(act(Add(GRANTS, a_client())))


def test_writes_of_one_kind_have_one_form() -> None:
    def forms() -> Iterator[object]:
        for at in (1, 2):
            writes = (Change(GRANTS, ("g",), {"revoked_at": at}, {"revoked_at": 0}), Add(AUDIT, an_event()))
            yield tuple(step.form for step in steps_of(act(*writes)))

    first, second = forms()
    assert first == second


def test_comparing_with_none_is_another_form() -> None:
    null = Change(GRANTS, ("g",), {"revoked_at": 1}, {"nonce": None})
    value = Change(GRANTS, ("g",), {"revoked_at": 1}, {"nonce": "n"})
    [a], [b] = steps_of(act(null)), steps_of(act(value))
    assert a.form is not b.form
    assert a.values == ("g", 1)
    assert b.values == ("g", 1, "n")


def test_a_repeated_row_is_read_once_and_a_changed_one_anew() -> None:
    layout = layout_of(CLIENTS)
    [step] = steps_of(act(Put(CLIENTS, a_client())))
    first = layout.decode(step.values)
    assert layout.decode(list(step.values)) is first
    [changed] = steps_of(act(Put(CLIENTS, replace(a_client(), enabled=False))))
    assert layout.decode(changed.values) == replace(a_client(), enabled=False)


def test_rows_of_other_tables_are_read_each_for_itself() -> None:
    [step] = steps_of(act(Put(GRANTS, a_grant())))
    assert layout_of(GRANTS).decode(step.values) is not layout_of(GRANTS).decode(step.values)

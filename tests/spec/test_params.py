"""Request parameters: each at most once, empty ones as if not sent."""

import pytest

from assent.spec.errors import InvalidRequest
from assent.spec.params import MAX_PARAMETERS, read_params


def test_a_parameter_is_read_once_and_by_its_name() -> None:
    params = read_params([("scope", "openid"), ("state", "x")])
    assert (params["scope"], params.get("state"), params.required("state")) == ("openid", "x", "x")
    assert list(params) == ["scope", "state"]


def test_what_was_not_sent_is_none_or_what_is_said_instead() -> None:
    params = read_params([])
    assert params.get("scope") is None
    assert params.get("response_mode", "query") == "query"
    assert "scope" not in params
    with pytest.raises(InvalidRequest, match="scope is required"):
        params.required("scope")


def test_an_empty_parameter_counts_as_not_sent() -> None:
    assert "scope" not in read_params([("scope", "")])  # RFC 6749 3.1


def test_a_repeated_parameter_is_refused_whatever_its_values() -> None:
    with pytest.raises(InvalidRequest, match="repeated"):
        read_params([("scope", "openid"), ("scope", "openid")])


def test_resource_may_repeat() -> None:
    params = read_params([("resource", "https://a.example"), ("resource", "https://b.example")])
    assert params.many("resource") == ("https://a.example", "https://b.example")
    assert params.get("resource") == "https://a.example"


def test_more_parameters_than_anybody_needs_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="too many"):
        read_params((f"p{i}", "x") for i in range(MAX_PARAMETERS + 1))


def test_values_do_not_show_in_the_repr() -> None:
    assert "hunter2" not in repr(read_params([("password", "hunter2")]))

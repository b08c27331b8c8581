"""`assent user reset-second-factor`, and what `user show` says of second factors."""

from cli.conftest import Run


def test_nothing_to_reset_is_refused_with_the_name(installed: Run) -> None:
    installed("user", "add", "amy", "--no-password")

    ran = installed("user", "reset-second-factor", "amy")

    assert ran.status == 1
    assert "amy has no second factor" in ran.err
    assert "second_factors" not in installed("user", "show", "amy", "--json").json


def test_an_unknown_name_is_told_with_the_nearest(installed: Run) -> None:
    installed("user", "add", "amy", "--no-password")

    ran = installed("user", "reset-second-factor", "ammy")

    assert ran.status == 1
    assert "amy" in ran.err

"""Tokens that strangers make up cost the provider that is asked about them no more than a few calls."""

from aiohttp import web

from gateway.test_foreign_tokens import ask, forger, introspecting
from identity.oidc.forger import Forger

__all__ = ["forger"]  # the fixture


async def test_made_up_tokens_make_no_calls_without_end(forger: Forger) -> None:
    await introspecting(forger)
    assert (await ask(forger, "an-opaque-token")).status_code == 200
    good = forger.answers["/introspect"]
    forger.answers["/introspect"] = lambda: web.json_response({"active": False})
    answers = [await ask(forger, f"made-up-{number}") for number in range(100)]
    assert {answer.status_code for answer in answers[:60]} == {401}
    assert {answer.status_code for answer in answers[-30:]} == {429}
    assert int(answers[-1].headers["retry-after"]) <= 60
    assert answers[-1].json()["issue"][0]["code"] == "throttled"
    assert forger.asked.count("/introspect") < 70
    # what is known to be good is served still
    assert (await ask(forger, "an-opaque-token")).status_code == 200
    assert len(await forger.home.audit("rate.limited")) == 1
    forger.home.clock.advance(61)
    forger.answers["/introspect"] = good
    assert (await ask(forger, "another-token")).status_code == 200

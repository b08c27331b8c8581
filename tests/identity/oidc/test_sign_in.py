"""Signing in at another issuer of ours, over real connections: from the app there and back into the app."""

from urllib.parse import parse_qs, urlsplit

from applications import OpenWith
from assent.storage.tables import IDENTITIES, PEOPLE, SESSIONS
from identity.oidc.pair import CALLBACK, Pair, a_pair


async def test_somebody_signs_in_elsewhere_and_the_app_gets_its_tokens(pair: Pair) -> None:
    page = await pair.arrive()
    tokens = (await pair.app.redeem(pair.home.http(), page)).json()
    claims = await pair.home.server.keys.verify(tokens["id_token"], "JWT")
    [person] = await pair.home.server.storage.find(PEOPLE)
    assert claims["sub"] == person.person_id
    assert (person.username, person.given_name, person.family_name) == ("amy", "Amy", "Okafor")
    assert (person.email, person.locale, person.fhir_user) == ("amy@mail.example", "fr", None)
    [identity] = await pair.home.server.storage.find(IDENTITIES)
    [amy] = await pair.clinic.server.storage.find(PEOPLE)
    assert (identity.module, identity.provider) == ("clinic", pair.clinic.origin)
    assert identity.subject == amy.person_id
    [session] = await pair.home.server.storage.find(SESSIONS)
    assert (session.module, session.amr) == ("clinic", ("pwd",))


async def test_the_request_is_one_that_cannot_be_stolen(pair: Pair) -> None:
    page = await pair.leave(login_hint="amy", ui_locales="fr de")
    url = urlsplit(str(page.left_to))
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{pair.clinic.origin}/oauth/authorize"
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert asked["response_type"] == "code"
    assert asked["client_id"] == "home"
    assert asked["redirect_uri"] == CALLBACK
    assert asked["scope"] == "openid profile email"
    assert asked["code_challenge_method"] == "S256"
    assert (asked["login_hint"], asked["ui_locales"]) == ("amy", "fr de")
    assert not {"prompt", "max_age"} & asked.keys()
    again = urlsplit(str((await pair.leave()).left_to))
    other = {name: values[0] for name, values in parse_qs(again.query).items()}
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name]) >= 43
        assert asked[name] != other[name]


async def test_who_is_signed_in_there_is_not_asked_again(pair: Pair) -> None:
    await pair.arrive()
    pair.browser = pair.home.browser()
    page = await pair.there.open(str((await pair.leave()).left_to))
    assert page.left_to is not None
    assert (await pair.browser.open(page.left_to)).left_to is not None


async def test_who_has_to_prove_herself_again_is_asked_there(pair: Pair) -> None:
    await pair.arrive()
    pair.home.clock.advance(100)
    pair.clinic.clock.advance(100)
    page = await pair.leave(prompt="login")
    page = await pair.there.open(str(page.left_to))
    assert page.path == "/login"
    page = await pair.there.sign_in("amy")
    page = await pair.browser.open(str(page.left_to))
    assert "code" in page.answered
    [_, session] = sorted(await pair.home.server.storage.find(SESSIONS), key=lambda one: one.created_at)
    assert session.auth_time == session.created_at


async def test_a_provider_that_did_not_ask_again_is_not_believed(pair: Pair) -> None:
    await pair.arrive()
    pair.home.clock.advance(100)
    pair.clinic.clock.advance(100)
    url = str((await pair.leave(prompt="login")).left_to)
    silent = url.replace("prompt=login", "prompt=none").replace("max_age=0", "max_age=1000")
    page = await pair.browser.open(str((await pair.there.open(silent)).left_to))
    assert (page.status, page.left_to) == (403, None)
    assert await pair.reason() == "ID token: the person signed in longer ago than the request allows"


async def test_the_first_sign_in_counts_from_when_it_was_there(pair: Pair) -> None:
    await pair.arrive()
    began = pair.clinic.clock.moment
    pair.browser = pair.home.browser()
    pair.home.clock.advance(200)
    pair.clinic.clock.advance(200)
    await pair.arrive(max_age="300")
    sessions = await pair.home.server.storage.find(SESSIONS)
    assert [session.auth_time for session in sessions] == [int(began), int(began)]


async def test_a_name_that_is_taken_here_is_refused(pair: Pair) -> None:
    await pair.home.add_amy()
    page = await pair.arrive()
    assert page.status == 403
    assert "belongs to somebody else here" in page.text
    assert await pair.home.server.storage.find(SESSIONS) == []


async def test_a_prefix_keeps_the_names_of_a_provider_apart(open_with: OpenWith) -> None:
    async with a_pair(open_with, username_prefix="clinic:") as pair:
        await pair.home.add_amy()
        assert "code" in (await pair.arrive()).answered
        names = {person.username for person in await pair.home.server.storage.find(PEOPLE)}
        assert names == {"amy", "clinic:amy"}

"""The algorithm of access tokens is a setting: a key is made at the next start, and everybody verifies its tokens."""

from typing import Any, get_args

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from applications import OpenWith
from assent.engine.settings import EngineSettings, SigningAlg
from assent.spec.jose import read_unverified
from assent.testing.application import Application


@pytest.mark.parametrize("alg", get_args(SigningAlg))
async def test_every_algorithm_of_the_setting_signs_and_verifies_from_the_launch_to_the_record(
    open_with: OpenWith, alg: Any
) -> None:
    # the folder has been served with RS256 before: the other key is made now
    application = await open_with(engine=EngineSettings(access_token_alg=alg))
    body = await launched(application)
    access, id_token = body["access_token"], body["id_token"]
    header = read_unverified(access).header
    assert header["alg"] == alg
    assert read_unverified(id_token).header["alg"] == "RS256"
    async with application.http() as http:
        published = (await http.get("/.well-known/jwks.json")).json()
        keys = KeySet.import_key_set(published)
        for token, its_alg in ((access, alg), (id_token, "RS256")):
            assert read_unverified(token).header["kid"] in {key["kid"] for key in published["keys"]}
            assert jwt.decode(token, keys, algorithms=[its_alg]).claims["iss"] == application.origin
        read = await http.get("/fhir/Patient/amy", headers={"Authorization": f"Bearer {access}"})
        assert (read.status_code, read.json()["id"]) == (200, "amy")
        told = await http.get("/oauth/userinfo", headers={"Authorization": f"Bearer {access}"})
        assert told.status_code == 200
        again = await http.post(
            "/oauth/token",
            data={"grant_type": "refresh_token", "refresh_token": body["refresh_token"], "client_id": "app"},
        )
        assert read_unverified(again.json()["access_token"]).header == header


async def launched(application: Application) -> dict[str, Any]:
    await application.add_client()
    await application.add_amy()
    app, browser = application.smart_app(), application.browser()
    await app.launch(browser, "openid offline_access launch/patient patient/*.rs")
    await browser.sign_in("amy")
    page = await browser.approve()
    async with application.http() as http:
        return dict((await app.redeem(http, page)).json())

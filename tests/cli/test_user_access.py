"""`assent user edit|unlock|reset-password`: what help desks do."""

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from assent.app.configuration import read_settings
from assent.app.installation import Installation, open_installation
from assent.engine.server import Caller
from assent.identity.guarded import GuardedModule
from assent.identity.local.module import LocalModule
from assent.records.identities import Arrival, Identity
from assent.spec.errors import TooManyRequests
from assent.storage.interface import Add, act
from assent.storage.tables import IDENTITIES, SESSIONS
from cli.conftest import Run
from services.smtp_sink import Sink, serving

HERE = Caller("192.0.2.7")


def on_installation(work: Any) -> Any:
    """What a coroutine function gives of the installation in this folder."""

    async def run() -> Any:
        async with open_installation(read_settings(Path("assent.toml")), Path()) as installation:
            return await work(installation)

    return asyncio.run(run())


async def sign_in(installation: Installation, password: str) -> str:
    """What comes of it: `in`, `out` or `locked`."""
    try:
        answer = await GuardedModule(LocalModule()).sign_in(installation.server, "amy", password, HERE)
    except TooManyRequests:
        return "locked"
    return "in" if isinstance(answer, Arrival) else "out"


@pytest.fixture
def with_amy(installed: Run) -> Run:
    installed("user", "add", "amy", "--email", "amy@mail.example", "--password-stdin", stdin="old secret\n")
    return installed


def test_fields_are_changed_and_the_others_stay(with_amy: Run) -> None:
    ran = with_amy("user", "edit", "AMY", "--given-name", "Amy", "--locale", "de-CH", "--json")
    assert ran.json == {
        "username": "amy",
        "enabled": True,
        "given_name": "Amy",
        "email": "amy@mail.example",
        "locale": "de-CH",
    }
    changes = json.dumps({"represents": ["Patient/7"], "email": None})
    ran = with_amy("user", "edit", "amy", "--file", "-", "--clear", "locale", stdin=changes)
    assert ran.status == 2
    ran = with_amy("user", "edit", "amy", "--file", "-", "--json", stdin=changes)
    assert ran.json["represents"] == ["Patient/7"]
    assert "email" not in ran.json
    assert "locale" not in with_amy("user", "edit", "amy", "--clear", "locale", "--json").json
    assert on_installation(lambda opened: sign_in(opened, "old secret")) == "in"
    types = [row["type"] for row in with_amy("audit", "list", "--json").json["events"]]
    assert types.count("user.edited") == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"fhirUser": "Patient/1"}, "fhirUser: unknown field; did you mean fhir_user?"),
        ({"password": "x"}, "password: cannot be edited"),
        ({"username": "ben"}, "username: cannot be edited"),
        ({"email": "nothing"}, "email: must be an address"),
        ([], "the document: must be an object"),
    ],
)
def test_what_cannot_be_edited_is_named(with_amy: Run, changes: Any, said: str) -> None:
    ran = with_amy("user", "edit", "amy", "--file", "-", stdin=json.dumps(changes))
    assert ran.status == 1
    assert said in ran.err


def test_an_edit_of_nothing_is_a_misuse_and_of_nobody_refused(with_amy: Run) -> None:
    assert with_amy("user", "edit", "amy").status == 2
    assert with_amy("user", "edit", "anny", "--given-name", "x").status == 1


def test_switching_off_by_an_edit_ends_what_disabling_ends(with_amy: Run) -> None:
    async def begin(opened: Installation) -> None:
        from assent.engine.people import find_person_by_name
        from assent.engine.sessions import begin_session

        amy = await find_person_by_name(opened.server, "amy")
        assert amy is not None
        await begin_session(opened.server, amy, ("pwd",), HERE, None)

    on_installation(begin)
    with_amy("user", "edit", "amy", "--file", "-", stdin='{"enabled": false}')
    [session] = on_installation(lambda opened: opened.server.storage.find(SESSIONS))
    assert session.ended_at


def test_a_lock_is_shown_and_ended(with_amy: Run) -> None:
    settings = Path("assent.toml")
    settings.write_text(settings.read_text() + "\n[engine]\nlogin_delay_seconds = 0\n")

    async def guess(opened: Installation) -> list[str]:
        return [await sign_in(opened, "wrong") for _ in range(11)]

    assert on_installation(guess)[-1] == "locked"
    assert with_amy("user", "show", "amy", "--json").json["locked_until_at"] > 0
    assert with_amy("user", "unlock", "amy", "--json").json == {"username": "amy", "was_locked": True}
    assert "locked_until_at" not in with_amy("user", "show", "amy", "--json").json
    assert with_amy("user", "unlock", "amy").out == "amy was not locked\n"
    assert on_installation(lambda opened: sign_in(opened, "old secret")) == "in"
    assert with_amy("user", "unlock", "nobody").status == 1
    assert len(with_amy("audit", "list", "--type", "account.unlocked", "--json").json["events"]) == 1


def test_a_password_is_made_up_and_printed_once(with_amy: Run) -> None:
    ran = with_amy("user", "reset-password", "amy", "--json")
    assert ran.status == 0
    password = ran.json["password"]
    assert len(password) == 24
    assert "cannot be shown again" in ran.err
    assert on_installation(lambda opened: sign_in(opened, "old secret")) == "out"
    assert on_installation(lambda opened: sign_in(opened, password)) == "in"
    log = with_amy("audit", "list", "--json")
    assert password not in log.out
    assert "password.set" in log.out


def test_a_password_is_read_from_standard_input_and_asked_for_nothing(with_amy: Run) -> None:
    ran = with_amy("user", "reset-password", "amy", "--password-stdin", "--json", stdin="x\n")
    assert ran.json == {"username": "amy"}
    assert on_installation(lambda opened: sign_in(opened, "x")) == "in"
    assert with_amy("user", "reset-password", "amy", "--password-stdin", stdin="\n").status == 2
    assert with_amy("user", "reset-password", "amy", "--password-stdin", stdin="x" * 2000).status == 1


def test_who_signs_in_elsewhere_gets_no_password_here(with_amy: Run) -> None:
    with_amy("user", "add", "eva", "--no-password")

    async def link(opened: Installation) -> None:
        from assent.engine.people import find_person_by_name

        eva = await find_person_by_name(opened.server, "eva")
        assert eva is not None
        await opened.server.storage.commit(
            act(Add(IDENTITIES, Identity("oidc", "https://op.example", "1", eva.person_id, 0)))
        )

    on_installation(link)
    ran = with_amy("user", "reset-password", "eva")
    assert ran.status == 1
    assert "signs in by oidc" in ran.err


# --- by mail ---------------------------------------------------------------------------------------------------------


@contextmanager
def a_sink() -> Iterator[Sink]:
    """A sink in a thread of its own: commands run an event loop themselves."""
    sink, started, loop = Sink(), threading.Event(), asyncio.new_event_loop()

    async def serve() -> asyncio.Server:
        return await serving(sink)

    def run() -> None:
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(serve())
        started.set()
        loop.run_forever()
        server.close()
        loop.run_until_complete(server.wait_closed())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    started.wait()
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def mail_to(port: int) -> None:
    settings = Path("assent.toml")
    mail = f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "a@elsewhere.example"\n'
    settings.write_text(f"{settings.read_text()}\n{mail}")


def test_a_code_is_mailed_with_the_page_to_type_it_on(with_amy: Run) -> None:
    with a_sink() as sink:
        mail_to(sink.port)
        assert with_amy("user", "reset-password", "amy", "--mail", "--json").json == {
            "username": "amy",
            "mailed": True,
        }
    [(addresses, message)] = sink.taken
    assert addresses == ["amy@mail.example"]
    assert re.search(r"/forgot-password/code\?request=[\w-]{43}&by=mail\s", message.get_content())
    assert on_installation(lambda opened: sign_in(opened, "old secret")) == "in"


def test_mail_that_cannot_be_sent_is_told(with_amy: Run) -> None:
    ran = with_amy("user", "reset-password", "amy", "--mail")
    assert (ran.status, ran.err) == (
        1,
        "assent: --mail: needs mail.host, and sign_in.local.forgot_password\n",
    )
    mail_to(1)
    ran = with_amy("user", "reset-password", "amy", "--mail")
    assert ran.status == 1
    assert "cannot be reached" in ran.err
    with_amy("user", "edit", "amy", "--clear", "email")
    assert "has no email address" in with_amy("user", "reset-password", "amy", "--mail").err
    assert with_amy("user", "reset-password", "amy", "--mail", "--password-stdin").status == 2


def test_only_a_field_that_there_is_and_that_gets_no_value_can_be_cleared(with_amy: Run) -> None:
    unknown = with_amy("user", "edit", "amy", "--clear", "emial")
    both = with_amy("user", "edit", "amy", "--clear", "email", "--email", "amy@example.org")

    assert (unknown.status, unknown.err) == (1, "assent: emial: unknown field; did you mean email?\n")
    assert (both.status, "--clear" in both.err) == (2, True)

"""What a token's rights mean is worked out once, not with every request."""

import pytest

from assent.engine.server import Caller
from assent.gateway.access import read_access


async def rights_of(asking):
    installation = asking.application.installation
    server = installation.server
    foreign = installation.foreign[server.issuer.id]
    caller = Caller("192.0.2.1", "a test", "reference")
    return (await read_access(server, foreign, f"Bearer {asking.token}", caller)).rights


@pytest.mark.parametrize("more", ["", "".join(f" user/Observation.rs?code={'x' * 30}{n}" for n in range(40))])
async def test_equal_rights_are_one_value_and_others_are_not(ask, more):
    one, two = await ask("amy", f"patient/*.rs{more}", "amy"), await ask("amy", f"patient/*.rs{more}", "amy")
    assert await rights_of(one) is await rights_of(two)
    others = [
        await ask("amy", f"patient/*.r{more}", "amy"),
        await ask("amy", f"patient/*.rs{more}", "chidi"),
        await ask("amy", f"patient/*.rs{more}"),
        await ask("lee", f"patient/*.rs{more}", "amy"),
        await ask("tomas", f"patient/*.rs{more}", "amy"),
    ]
    found = [await rights_of(asking) for asking in (one, *others)]
    assert len({id(rights) for rights in found}) == len(found)


async def test_a_scope_reaches_the_app_and_the_log_as_it_was_written(ask):
    """Scopes that mean the same are the same rights, and each keeps its text."""
    v1, v2 = await ask("amy", "patient/*.read", "amy"), await ask("amy", "patient/*.rs", "amy")
    assert (await rights_of(v1)).scopes.text == "patient/*.read"
    assert (await rights_of(v2)).scopes.text == "patient/*.rs"

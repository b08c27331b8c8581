"""Which inbound modules sign people in at an issuer: plain literal lists. A newcomer's line goes here.

A module's own libraries are imported only where it is on.
"""

from collections.abc import Callable
from contextlib import AsyncExitStack

from assent.app.settings import IssuerSettings
from assent.identity import Inbound, PasswordModule
from assent.identity.guarded import GuardedModule

OpenPasswordModule = Callable[[IssuerSettings, AsyncExitStack], PasswordModule]


def open_inbound(issuer: IssuerSettings, stack: AsyncExitStack) -> Inbound:
    """The modules that `sign_in.modules` of an issuer names, in its order; `stack` closes what they hold."""
    return Inbound(
        passwords=tuple(
            GuardedModule(PASSWORD_MODULES[name](issuer, stack))
            for name in issuer.sign_in.modules
            if name in PASSWORD_MODULES
        ),
    )


def _local(issuer: IssuerSettings, _stack: AsyncExitStack) -> PasswordModule:
    from assent.identity.local.module import LocalModule

    return LocalModule(issuer.sign_in.local_title)


PASSWORD_MODULES: dict[str, OpenPasswordModule] = {"local": _local}

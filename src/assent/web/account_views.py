"""What the templates of a person's own pages are given: her account, what she may keep or take away, what she decided.

Owns the shape, as `views` does for the pages of an authorization request.
"""

from dataclasses import dataclass, field

from assent.web.views import AppView


@dataclass(frozen=True, slots=True)
class FactView:
    """One thing that is known: `value` is None where it is not."""

    title: str
    value: str | None


@dataclass(frozen=True, slots=True)
class SessionView:
    """A place where the person is signed in. `id` is what the form sends back; it signs nobody in."""

    id: str
    browser: str
    signed_in: str
    seen: str
    address: str | None
    is_this: bool


@dataclass(frozen=True, slots=True)
class TermsView:
    """Terms of service that she accepted for an app."""

    app: str
    version: str
    agreed: str


@dataclass(frozen=True, slots=True)
class KeepView:
    """One scope that an app has. `value` is sent as `scope` when it stays; `notes` are what else she should know."""

    value: str
    title: str
    description: str
    explanation: str
    technical: str
    notes: tuple[str, ...] = ()
    is_ticked: bool = True


@dataclass(frozen=True, slots=True)
class KeepGroup:
    """Scopes under one heading; `is_changing` marks those that write."""

    title: str
    choices: tuple[KeepView, ...]
    is_changing: bool = False


@dataclass(frozen=True, slots=True)
class ConsentView:
    """One thing that she allowed, as it stands: `state` says whether it holds and until when."""

    app: AppView
    state: str
    given: str
    titles: tuple[str, ...]
    is_active: bool
    record: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionView:
    """One thing that she decided, with its day. `about`: what it was about, where that is known."""

    on: str
    text: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetupView:
    """An authenticator app that is being set up: the key, to be typed, where the QR code is, and the `otpauth:` URI
    that opens an app on the device that shows the page."""

    key: str
    qr_url: str
    app_uri: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """A passkey of hers. `id` is what the form sends back; `used` is None while it was not."""

    id: str
    name: str
    added: str
    used: str | None


@dataclass(frozen=True, slots=True)
class RememberedView:
    """A browser in which she is not asked for a second factor. `id` is what the form sends back."""

    id: str
    browser: str
    until: str

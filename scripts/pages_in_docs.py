"""Which pages `docs/pages.md` shows, in which pictures, and where these are.

The pictures are drawn by the tests that look at every page (`tests/looks/test_live_pages.py`), when they are asked to:
`make screenshots`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parents[1] / "docs" / "images" / "pages"
MOST_BYTES: Final = 60_000

LOOKS: Final = {
    "phone": "on a phone, light",
    "desktop": "on a desktop, dark",
    "arabic": "on a phone, in Arabic",
}
"""The pictures of each page, and what they say of it."""


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page by the name of its journey; `words` say what a person does there.

    The journeys are those of `pages_to_show`, and of `looks.at_the_clinic` (with mail, in the tests).
    `is_in_arabic`: shown in Arabic too; not the demo's own pages, nor an answer that the language switch leaves.
    """

    journey: str
    title: str
    words: str
    is_in_arabic: bool = True

    def pictures(self) -> dict[str, str]:
        """The name of the file for each look."""
        looks = LOOKS if self.is_in_arabic else ("phone", "desktop")
        return {look: f"{self.journey}-{look}.png" for look in looks}


SECTIONS: Final = {
    "Signing in": (
        ShownPage("login", "Sign in", "Who asks for the sign-in stands above the question."),
        ShownPage(
            "login-wrong",
            "A wrong password",
            "What was wrong has the focus, and leads to the field it is about.",
            is_in_arabic=False,
        ),
        ShownPage(
            "login-places",
            "Several ways to sign in",
            "A password, a passkey, an account elsewhere; or a new account, where people may make one.",
        ),
        ShownPage(
            "login-down",
            "A place that does not answer",
            "The other ways to sign in are still there.",
            is_in_arabic=False,
        ),
        ShownPage(
            "login-slow", "Too many tries", "Whoever guesses waits, longer and longer.", is_in_arabic=False
        ),
        ShownPage(
            "second-factor-asked",
            "The second step",
            "A passkey or a code; and a way in for whoever has neither at hand.",
        ),
        ShownPage(
            "second-factor",
            "A second step is set up",
            "On the way to an app that asks for it; later a code, or a passkey, is all that is asked.",
        ),
        ShownPage(
            "recovery-codes",
            "Recovery codes",
            "Shown once, to be printed or written down.",
            is_in_arabic=False,
        ),
        ShownPage(
            "new-password",
            "A password that somebody else gave",
            "It is good for choosing another one, and for nothing else.",
        ),
        ShownPage("terms", "Terms of service", "Accepted or declined, once for each version."),
    ),
    "An account, from its beginning": (
        ShownPage(
            "signup", "Making an account", "Where it is offered; first it is made sure whose the address is."
        ),
        ShownPage("signup-finish", "The code from the email", "And a user name and a password, in one step."),
        ShownPage(
            "forgot",
            "A forgotten password",
            "The answer is the same, whether there is such an account or not.",
        ),
        ShownPage("reset", "A new password", "With the code from the email; apps can be stopped, too."),
        ShownPage(
            "reset-done", "The password is changed", "And the way back to the sign-in, and to the app."
        ),
        ShownPage(
            "unlock",
            "The link in the email of a locked account",
            "Opening it does nothing yet: mail programs open links, too.",
        ),
        ShownPage("unlocked", "Unlocked", "By the button, once.", is_in_arabic=False),
    ),
    "Whose record": (
        ShownPage("context-own", "A parent chooses", "Her own record and those of the people she acts for."),
        ShownPage(
            "context-search",
            "A clinician searches",
            "By name, birth date or record number; each search is written down.",
        ),
        ShownPage(
            "context-found",
            "Patients found",
            "Birth dates and numbers tell people of one name apart.",
            is_in_arabic=False,
        ),
        ShownPage("context-visit", "A visit is chosen", "For apps that work within one visit."),
    ),
    "What the app may do": (
        ShownPage("approve", "A patient decides", "In words and numbers; each line can be left out."),
        ShownPage("approve-child", "A parent decides for a child", "A band says whose record it is."),
        ShownPage(
            "approve-changes", "An app wants to change the record", "Changes stand apart, and are marked."
        ),
        ShownPage("approve-times", "For how long", "Where the app offers a choice."),
        ShownPage("approve-again", "An app asks for more", "What is new, and what was allowed before."),
        ShownPage("attestation", "What makers promise", "The rules for handling data, one tap away."),
    ),
    "Afterwards": (
        ShownPage(
            "access", "Apps with access", "What each may see, since when, until when; a button stops it."
        ),
        ShownPage("narrow", "Less for one app", "What is unticked is gone at once."),
        ShownPage(
            "account", "The account", "Where she is signed in, what she agreed to, what she may take along."
        ),
        ShownPage(
            "account-second-factor",
            "The second step",
            "Authenticator app, passkeys, recovery codes, and browsers that do not ask.",
        ),
        ShownPage(
            "account-app",
            "An authenticator app",
            "Its key as a picture, a link and text.",
            is_in_arabic=False,
        ),
        ShownPage("password", "Another password", "What is wrong with one is said, and how to mend it."),
        ShownPage("consents", "What was allowed", "To read, to print, or to download."),
        ShownPage(
            "logout", "Signing out", "Apps that may work in her absence keep their access, and this is said."
        ),
        ShownPage("signed-out", "Signed out", "And the way back to the app.", is_in_arabic=False),
        ShownPage("signed-out-everywhere", "Signed out everywhere", "On every device.", is_in_arabic=False),
    ),
    "When something goes wrong": (
        ShownPage("error-app", "The app's turn", "With a reference that its maker can be told."),
        ShownPage("error-used", "Done already", "After the back button, or in a second window."),
        ShownPage("error-browser", "Another browser", "A journey ends in the browser where it began."),
        ShownPage("error-missing", "No such page", "Never blank, never a stack trace."),
    ),
    "The demo": (
        ShownPage("start", "The start page", "Three launches to try.", is_in_arabic=False),
        ShownPage("app", "The sample app", "A record, read through the gateway.", is_in_arabic=False),
        ShownPage("ehr", "The mock EHR", "It opens the app on a patient.", is_in_arabic=False),
        ShownPage("backend", "A backend service", "Nobody is there; a key signs.", is_in_arabic=False),
    ),
}
"""In the order in which a person meets them."""

SHOWN: Final = {page.journey: page for pages in SECTIONS.values() for page in pages}

"""What is said of a password that is not good enough: what is wrong, and how to mend it."""

from assent.identity.local.policy import Flaw
from assent.web.messages import Messages

_OF_THE_FORM = ("current", "same", "code")


def say_flaw(flaw: Flaw, messages: Messages) -> str:
    """The text of a flaw, those of the form (a wrong current password) too."""
    kind = "problem" if flaw.words in _OF_THE_FORM else "flaw"
    return messages.text(f"password.{kind}.{flaw.words}", number=flaw.number)

"""One request that the demo's own server side sends, and its answer, kept for showing.

Owns sending, shortening what should not be copied off a screen, and saying what to do about a failure. The
errors' meanings: RFC 6749 5.2, RFC 6750 3.1, RFC 7523 3.2.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    import aiohttp

SHORTENED = frozenset({"access_token", "refresh_token", "id_token", "client_assertion"})

ADVICE = {
    "invalid_client": "The server does not know this client, or did not accept its secret or key. Compare with "
    "“assent client show”; a demo folder from another installation has another key.",
    "unauthorized_client": "The client exists but may not use this grant type: look at its grant_types.",
    "invalid_scope": "None of the scopes asked for is in the client's list: look at its scope.",
    "invalid_grant": "What was handed in has been used, has run out or belongs to another client. Start again.",
    "invalid_request": "The request breaks a rule; the description names the parameter.",
    "insufficient_scope": "The token does not carry the scope that this needs: look at the client's scope.",
    "access_denied": "A policy of this installation says no. The reference id leads to the rule in the log.",
    "server_error": "The fault is the server's. Its log has the details under the reference id.",
}


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer; texts are ready for showing. `status` is None when nobody answered."""

    title: str
    method: str
    url: str
    request_headers: Mapping[str, str]
    request_body: str
    status: int | None
    answer: Mapping[str, Any]
    answer_text: str
    advice: str

    @property
    def ok(self) -> bool:
        """Whether the answer is a success with a JSON object in it."""
        return self.status is not None and 200 <= self.status < 300 and bool(self.answer)


def shorten(text: str) -> str:
    """A token as it may be shown: its two ends and its length."""
    return text if len(text) <= 40 else f"{text[:16]}…{text[-6:]} ({len(text)} characters)"


def show_json(value: Mapping[str, Any]) -> str:
    """A JSON object as indented text, its tokens shortened."""
    shown = {k: shorten(v) if k in SHORTENED and isinstance(v, str) else v for k, v in value.items()}
    return json.dumps(shown, indent=2, ensure_ascii=False)


def show_form(form: Mapping[str, str]) -> str:
    """A form body one parameter a line, its tokens shortened."""
    return "\n".join(
        f"{name}={shorten(value)}" if name in SHORTENED else urlencode({name: value})
        for name, value in form.items()
    )


async def send(
    session: "aiohttp.ClientSession",
    title: str,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    shown_headers: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Exchange:
    """Send one request and keep both sides of it.

    `form` or `body` is the content (form-encoded or JSON); `shown_headers` is what the page shows of `headers`.
    Never raises for what the other side does: an outage becomes an exchange without a status.
    """
    import aiohttp  # the demo starts without it

    request_body = show_form(form) if form is not None else show_json(body) if body is not None else ""
    try:
        async with session.request(
            method, url, headers=headers, data=form, json=body, allow_redirects=False
        ) as response:
            status: int | None = response.status
            text = await response.text()
    except (aiohttp.ClientError, TimeoutError) as error:
        status, text = None, f"No answer: {error}"
    answer = read_object(text)
    return Exchange(
        title=title,
        method=method,
        url=url,
        request_headers=shown_headers or {},
        request_body=request_body,
        status=status,
        answer=answer,
        answer_text=show_json(answer) if answer else text[:2000],
        advice=advise(status, answer),
    )


def read_object(text: str) -> Mapping[str, Any]:
    """The JSON object in `text`; empty when there is none."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def advise(status: int | None, answer: Mapping[str, Any]) -> str:
    """What to do about a failed answer; empty for a success."""
    if status is None:
        return (
            "Nobody answered at this address. Is the server running, and is this the address it listens at?"
        )
    if status < 300:
        return "" if answer else "The answer is not a JSON object. Is this the address of an Assent server?"
    error = answer.get("error")
    if isinstance(error, str) and error in ADVICE:
        return ADVICE[error]
    if status == 401:
        return "The token was not accepted: it has run out, was taken back, or is for another server."
    if status == 403:
        return "The token was accepted, but scope and permission together do not allow this."
    if status == 404:
        return "There is nothing at this address. Is this part of the server switched on?"
    return "The server could not do it. Its log has the details under the reference id."

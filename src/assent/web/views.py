"""What templates are given: texts that are ready to be read, and nothing to decide on.

Owns the shape. Dates, durations and counts arrive in words (`dates`), scopes too (`words`); ids and scope texts are the
values that a form sends back.
"""

from dataclasses import dataclass

from assent.web.origins import host_of
from assent.web.prose import Block


@dataclass(frozen=True, slots=True)
class SubjectView:
    """Whose record it is, where it is not the reader's own: `relation` as in `your son`."""

    name: str
    born: str | None = None
    relation: str | None = None


@dataclass(frozen=True, slots=True)
class PageView:
    """What is the same on every page of one answer.

    `site`: the organization's name. `person`: who is signed in. `acting_for`: shown as a band, on every page
    of a journey that is about somebody else. `is_demo`: shows the demo's banner.
    """

    site: str
    person: str | None = None
    acting_for: SubjectView | None = None
    is_demo: bool = False


@dataclass(frozen=True, slots=True)
class AppView:
    """The app that asks. `logo_url` on our own host only: other hosts are not told who signs in.

    `host`: where the person will be sent, None for an app on the device or where she will not be. Links are https, and
    lead to other hosts, which pages name.
    """

    name: str
    publisher: str | None = None
    logo_url: str | None = None
    reviewed: str | None = None
    policy_url: str | None = None
    terms_url: str | None = None
    site_url: str | None = None
    host: str | None = None

    @property
    def mark(self) -> str:
        """What stands where there is no logo: the first letter or digit of the name."""
        return next((letter.upper()[:1] for letter in self.name if letter.isalnum()), "•")

    @property
    def policy_host(self) -> str | None:
        """The host of `policy_url`."""
        return host_of(self.policy_url) if self.policy_url else None

    @property
    def terms_host(self) -> str | None:
        """The host of `terms_url`."""
        return host_of(self.terms_url) if self.terms_url else None

    @property
    def site_host(self) -> str | None:
        """The host of `site_url`."""
        return host_of(self.site_url) if self.site_url else None


@dataclass(frozen=True, slots=True)
class TermsView:
    """Terms of service as they are shown. `version` and `text` (the text's hash) are sent back by the form.

    `only_in`: the language of the text, in words, where it is not the page's.
    """

    version: str
    text: str
    language: str
    direction: str
    blocks: tuple[Block, ...]
    is_sample: bool = False
    only_in: str | None = None


@dataclass(frozen=True, slots=True)
class RecordView:
    """A patient to choose; `id` is the bare FHIR id that the form sends."""

    id: str
    name: str
    born: str | None = None
    sex: str | None = None
    identifier: str | None = None
    relation: str | None = None
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class RecordGroup:
    """Patients under one heading; `title` None where they are the answer to the page's own question."""

    title: str | None
    records: tuple[RecordView, ...]


@dataclass(frozen=True, slots=True)
class EncounterView:
    """A visit to choose; `id` is the bare FHIR id that the form sends. `state`: in words, where it is under way."""

    id: str
    title: str
    when: str
    is_chosen: bool = False
    state: str | None = None


@dataclass(frozen=True, slots=True)
class SearchView:
    """A search for patients: what was typed, whether it found more than is ever shown."""

    query: str = ""
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class PagerView:
    """One page of several: what it shows, in words, and the numbers of its neighbours."""

    shown: str
    previous: int | None
    next: int | None


@dataclass(frozen=True, slots=True)
class PartView:
    """One granular scope within a wider one; sent as `part`."""

    value: str
    title: str
    is_ticked: bool = True


@dataclass(frozen=True, slots=True)
class DurationView:
    """How long an app may keep access, to be chosen; sent as `keep_for` (0: until the session ends)."""

    seconds: int
    title: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class ScopeChoice:
    """One scope that is asked. `value` is sent as `scope` when it is ticked.

    `required`: shown, but no field; `reason` is the app's own word for why. `sensitive`: why one may hesitate.
    `counted`: how much there is now. `parts`: narrower scopes to choose instead; where there are some, `value` is
    sent as `opened` too. `until`: only with `offline_access`. `news`: whether it is new or was allowed before, where
    something was.
    """

    value: str
    title: str
    description: str
    explanation: str
    technical: str
    sensitive: str = ""
    required: bool = False
    reason: str | None = None
    counted: str | None = None
    is_ticked: bool = True
    parts: tuple[PartView, ...] = ()
    until: tuple[DurationView, ...] = ()
    news: str | None = None


@dataclass(frozen=True, slots=True)
class ScopeGroup:
    """Choices under one heading; `is_changing` marks those that write."""

    title: str
    choices: tuple[ScopeChoice, ...]
    is_changing: bool = False


@dataclass(frozen=True, slots=True)
class GivenView:
    """A scope that is not asked, since it was allowed before or is given anyway: shown, but no field."""

    title: str
    technical: str


@dataclass(frozen=True, slots=True)
class AttestationView:
    """What an app's maker answered when asked to keep the rules for handling data, and where they stand.

    `said`: accepted, declined or not answered, in words.
    """

    said: str
    url: str


@dataclass(frozen=True, slots=True)
class RecordAccessView:
    """What one app may do in one record. `until` says when it ends, as a whole sentence.

    `subject`: whose record it is, None where it is the reader's own and there is no other.
    """

    titles: tuple[str, ...]
    since: str
    until: str
    last_used: str | None = None
    subject: str | None = None
    is_own: bool = True


@dataclass(frozen=True, slots=True)
class AccessView:
    """What one app has now, on the revocation page. `narrow_url`: where she leaves it less."""

    client_id: str
    app: AppView
    records: tuple[RecordAccessView, ...]
    narrow_url: str


@dataclass(frozen=True, slots=True)
class ModuleView:
    """One of several places that take a password; sent as `module`."""

    name: str
    title: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class ProviderView:
    """Another place where a person may sign in."""

    name: str
    url: str

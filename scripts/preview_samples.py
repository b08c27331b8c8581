"""Moved: the samples of pages are in `assent.web.samples`, a module for each kind of page, listed in its `pages`."""

from assent.web.samples.approval import CHILD_SCOPES
from assent.web.samples.pages import sample_pages

__all__ = ["CHILD_SCOPES", "sample_pages"]

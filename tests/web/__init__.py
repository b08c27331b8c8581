"""Tests of `assent.web`."""

"""Tests of `assent.pages`."""

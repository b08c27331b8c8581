"""Tests of `assent.actions`."""

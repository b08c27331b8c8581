"""Tests of `assent.actions.permissions`."""

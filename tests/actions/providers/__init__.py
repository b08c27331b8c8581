"""Tests of `assent.actions.providers`."""

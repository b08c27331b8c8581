"""Tests of `assent.actions.access`."""

"""Tests of `assent.actions.apps`."""

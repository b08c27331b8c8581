"""Tests of `assent.actions.accounts`."""

"""Tests of `assent.app.rules`."""

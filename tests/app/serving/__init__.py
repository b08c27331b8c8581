"""Tests of `assent.app.serving`."""

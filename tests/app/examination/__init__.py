"""Tests of `assent.app.examination`."""

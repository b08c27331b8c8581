"""Tests of `assent.cli`."""

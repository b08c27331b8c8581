"""Tests of `assent.identity`."""

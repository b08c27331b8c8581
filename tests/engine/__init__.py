"""Tests of `assent.engine`."""

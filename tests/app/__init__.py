"""Tests of `assent.app`."""

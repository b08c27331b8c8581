"""Tests of `assent.endpoints`."""

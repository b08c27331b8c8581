"""Tests of `assent.identity.second_factor`."""

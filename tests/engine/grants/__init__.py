"""Tests of `assent.engine.grants`."""

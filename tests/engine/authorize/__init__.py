"""Tests of `assent.engine.authorize`."""

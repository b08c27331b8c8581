"""Tests of `assent.app.outbound`."""

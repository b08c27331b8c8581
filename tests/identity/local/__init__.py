"""Tests of `assent.identity.local`."""

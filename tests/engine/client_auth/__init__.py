"""Tests of `assent.engine.client_auth`."""

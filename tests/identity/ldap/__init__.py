"""Tests of signing in with a directory."""

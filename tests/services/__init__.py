"""Fixtures for real services. A service that is missing fails the test that asks for it; nothing is skipped.

`make test` and `make services` provide them; `scripts/services.py` says how they are handed over.
"""

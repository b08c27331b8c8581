"""Suites that others may run on their own parts: what is right when a suite passes.

Needs pytest and hypothesis, which the product itself does not. Owns no test of the product's own parts; those
are in `tests/` and run the suites with their fixtures.
"""

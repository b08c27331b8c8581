"""Assent: a SMART on FHIR authorization server, and the gateway that enforces what people granted.

Spec decides, engine orders, storage remembers; imports go down only, from `cli` to `spec` (the contracts are
in `.importlinter`). This package itself owns the version and nothing else: every name is imported from the
module that defines it.
"""

__version__ = "0.1.0"

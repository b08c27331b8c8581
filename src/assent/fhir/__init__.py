"""Asking a FHIR server: the upstream behind the gateway, and what the pages need to know of it.

Owns the one way to reach the upstream, and whom a person represents. What may be shown is decided by
`spec.fhir`; the upstream's own credentials never leave this floor.
"""

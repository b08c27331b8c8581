"""The rules of the specifications, as pure functions and frozen values.

Owns what a text means and what a rule decides: scopes, launch contexts, permissions, PKCE, redirect URIs,
prompts, signatures, assertions, discovery documents, FHIR interactions and compartments. Takes every fact
as an argument: no clock, no randomness, no I/O, no framework. The order of things is the engine's, what is
remembered is `records`' and `storage`'s.
"""

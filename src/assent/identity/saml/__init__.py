"""SAML 2.0 identity providers: people sign in there, come back with a signed assertion, and are known here by it.

Owns the Web Browser SSO profile of a service provider: metadata on both sides, requests, responses, what an assertion
says made an `Arrival`. XML signatures are checked and made by signxml, which is an extra (`assent[saml]`): nothing here
is imported before the module is on. Why so: docs/decisions/0026-saml-by-signxml.md.
Sources: SAML 2.0 Core, Bindings, Profiles 4.1, Metadata; XML Signature 1.1; XML Encryption 1.1.
"""

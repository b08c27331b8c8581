"""The authorization server: the order of things.

Owns what happens between a validated request and a committed act: authenticating clients, asking people,
granting, issuing, revoking. Pure rules are `spec`'s, remembering is `storage`'s; this floor knows no web
framework, no database and no event loop. Everything it needs is on the `AuthorizationServer` handed in.
"""

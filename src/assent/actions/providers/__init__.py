"""Providers elsewhere, where people may sign in with OpenID Connect: defined, kept, tried out.

Owns what is known of a provider and what we are to it. What is said to it when somebody signs in is `identity.oidc`'s
business.
"""

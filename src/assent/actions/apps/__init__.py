"""Apps as they are registered, which the specifications call clients: their definitions, secrets and logos.

Owns what a client may be, whichever way it came in. What people allowed it is `access`' business; how it proves at a
request who it is, `engine.client_auth`'s.
"""

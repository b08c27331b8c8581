"""What people gave apps access to: shown to them, written down to keep, made smaller, taken back.

Owns what becomes of a grant, and of an agreement to terms, once it was given. How it is given is
`engine.authorize`'s business; which apps and people there are, `apps`' and `accounts`'.
"""

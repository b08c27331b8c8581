"""OpenID providers elsewhere: people sign in there, come back with a code, and are known here by `iss` and `sub`.

Owns asking a provider: discovery, keys, the code's exchange, the ID token, userinfo, claims to an `Arrival`, signing
out there. Which providers there are is `actions.providers`' business, what a definition may say that of
`actions.providers.definition`.
"""

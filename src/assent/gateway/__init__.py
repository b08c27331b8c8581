"""The gateway: enforcement in front of any FHIR server.

Owns the exchange: token → rights → decision → upstream → checked answer. What is allowed is decided by
`spec.fhir`, which is pure; whether a token is still good by `engine.bearer`; how the upstream is reached by `fhir`.

    access.py      the token, and what it lets its holder do
    exchange.py    one request, from decision to checked answer
    cursor.py      further pages: the upstream's links, sealed
    metadata.py    the CapabilityStatement
    reading.py     from HTTP to what FHIR understands by it
    refusing.py    the outcome of a refusal, and its audit row
    routes.py      HTTP
"""

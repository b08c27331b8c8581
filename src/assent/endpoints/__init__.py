"""The protocol's endpoints, each thin: read the request, call the engine, write the answer.

Owns paths, methods and the HTTP form of what the engine says. The order of things is the engine's, pages that people
read are `pages`', and what all surfaces share (forms, limits, errors, CORS) is `web`'s.
"""

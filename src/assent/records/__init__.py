"""What is remembered, as frozen values.

Owns the shape of every stored thing. Knows nothing of how or where it is stored (`storage`), nor when it
changes (`engine`). Every record belongs to one issuer: the issuer's id is no field, it is added by the storage,
which is scoped to it. Instants end in `_at` (epoch seconds UTC), durations in `_seconds`; secrets are kept only
as hashes (`_hash`) or encrypted (`_sealed`).
"""

"""Remembering: the contract (`interface`), the tables (`tables`), and the backends that keep it.

Owns how records are read and written, and that what must happen once happens once. Decides nothing: which
writes an act is made of, and what an outcome means, is the engine's business. Backends are chosen by URL in
`assent.app.registry`; nothing below that floor names one.
"""

"""The made-up people of the demo and their charts: the same ones, byte for byte, for the same `today`.

Owns: who there is (`households`), who treats them (`staff`), and what their charts hold, a file a subject; facts are
tables. Leaves storing and searching to the rest of `assent.demo.store`. Nobody here exists, no address, no number.
"""

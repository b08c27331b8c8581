"""What people see: one file a page, with its template beside it.

A page reads its form, calls the engine, and shows what it is told. It decides nothing: which page comes next is
`engine.authorize.steps`' business. Plain forms; no script is needed.
"""

"""What SQLite and PostgreSQL share: statements made from the tables list, migrations, and the two backends.

Only `sqlite` and `postgres` import their drivers; whoever opens one of them does not load the other.
"""

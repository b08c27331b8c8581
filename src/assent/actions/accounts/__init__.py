"""People's accounts: made, changed, locked and deleted; how their people sign in, and for whom they may act.

Owns what is done to an account and what ends with it. What a person allowed apps is `access`' business, what roles and
permissions stand for `permissions`'; how somebody signs in, `identity`'s.
"""

"""Second factors: how each is set up and proven.

Owns one-time codes, recovery codes, passkeys and remembered browsers, the limit on guessing, and taking them away.
Whether one is asked for is `engine.second_factors`' rule; the pages are `pages.second_factor` and
`pages.own_second_factor`.
"""

"""What every HTTP surface shares: limits, headers, forms, cookies, form protection, CORS, errors, templates, words.

Owns how something is read from a request and how an answer is dressed. It owns no path, no step of a flow and no
rule of OAuth: those belong to `endpoints`, `pages`, `gateway` and, below, to `engine` and `spec`.
"""

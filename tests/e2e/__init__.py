"""The product as people get it: the installed command in a process of its own, a real browser, real databases.

Owns what only whole processes can show: launches in Chromium, `kill -9`, several nodes on one PostgreSQL, SIGTERM.
Leaves single rules to the tests beside the code that carries them out.
"""

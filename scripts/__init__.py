"""What sets this repository up and looks after it: installing, test services, generated pages.

Nothing here is part of the product; `src/assent` never imports it. The Makefile is the door to all of it.
"""

"""One module a generated page, with a function that returns its text; `scripts/generate.py` lists them."""

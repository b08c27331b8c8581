"""One module a generated page, each with a function that returns the page's text; `scripts/generate.py` lists them."""

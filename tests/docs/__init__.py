"""The documentation, run: what a page tells its reader to do is done, with the real commands."""

"""How every page looks and behaves in a browser: the samples in each language, and the pages of a running demo.

Owns the rules that hold for all pages alike (`rules`), and that no page escapes them. What one page does is tested with
that page; the ways from page to page are in `e2e`.
"""

"""Made-up content for every page: what `assent skin check`, the previews and the tests draw the templates with.

`pages` lists the samples, the one place where a page's samples are registered; a module for each kind of page makes
them. Nothing here is served.
"""

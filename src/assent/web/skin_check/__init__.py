"""Finding everything that is wrong with a skin before people do: `assent skin check`.

Owns the contract between our templates and a skin's, and holding a skin's pages against ours, drawn with the made-up
content of `web.samples`. What keeps a skin from being used at all is `web.skins`' to say.
"""

"""Skins: how an issuer's or an app's pages look and speak, as a folder that stands over what the product brings.

Owns reading a skin, drawing its templates in a sandbox, and falling back to ours when one fails. Which skin is whose is
the composition root's to say (`app.looks`); finding every mistake in one is `web.skin_check`'s.
"""

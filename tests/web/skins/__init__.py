"""Skins while they are used: read, drawn in the sandbox, worn per issuer and per app."""

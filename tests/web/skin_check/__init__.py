"""Skins before they are used: what is wrong with one is found."""

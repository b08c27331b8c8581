"""What the configuration may say: what each setting may be, how settings have to agree, which files they need.

Owns the rules, each told by the dotted path of its setting. Reading the file is `configuration`'s business; what is
wrong with an installation beyond its configuration, `examination`'s.
"""

"""The composition root: settings, registries, wiring, periodic work.

Owns which parts there are and how they are put together; holds no rule of its own. Everything below receives
what it needs from here. `rules` say what a configuration may hold, `examination` looks at an installation, `serving`
lets it answer, `outbound` lets it ask and mail.
"""

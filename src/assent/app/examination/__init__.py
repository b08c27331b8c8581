"""Looking at an installation: what is wrong with it, or probably not meant, as it lies there and as it runs.

Owns `assent check`, which reads, and `assent doctor`, which asks over the network; neither changes anything. What the
configuration may say is `rules`' business.
"""

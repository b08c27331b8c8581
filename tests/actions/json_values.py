"""Any JSON value, for reading what was never meant to be read."""

from hypothesis import strategies as st

SIGNS = 'aZ09 _-./:#?*"\\é心\n\x00\x1b\u202e\ud800'
TEXTS = st.text(st.sampled_from(SIGNS), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)

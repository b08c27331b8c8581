"""Mail addresses that anybody's mail server takes: a dot-atom of ASCII, and a host name.

No quoted parts, comments or address literals, and nothing that could end a header or a command of the mail protocol.
Source: RFC 5321 4.1.2 and 4.5.3.1 (lengths), RFC 1123 2.1 (host names).
"""

import re
from typing import Final

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(rf"(?=.{{3,254}}\Z)(?=[^@]{{1,64}}@){_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})*")


def is_mail_address(text: str) -> bool:
    """Whether mail can be sent there."""
    return _ADDRESS.fullmatch(text) is not None

"""Signing in with a directory's names and passwords: OpenLDAP, Active Directory, any LDAP v3 server.

Owns asking the directory; that a name is somebody else's here, and what a sign-in leads to, is `engine`'s business.
Passwords of people are never kept, only handed on in a bind. Sources: RFC 4511 (protocol), RFC 4513 (authentication).
"""

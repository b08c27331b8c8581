"""Permissions and the roles that bundle them: defined, kept, and told apart by what somebody holds them for.

Owns how a definition names them. Whom they are given to is said by the definitions of `accounts` and `apps`; what they
allow, by `spec.permissions` and `engine.authority`.
"""

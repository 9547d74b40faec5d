"""Reads and writes Account, Session, Invitation, ApiKey, AuditEvent: who is let in, and as whom.

Knows nothing of pages and cookies. What a visitor holds (a token, a key, a password) is never kept, only its hash.
"""

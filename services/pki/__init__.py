"""Certificates: verification, revocation, what a card proves, and the virtual issuer."""

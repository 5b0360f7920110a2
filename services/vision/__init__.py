"""Seeing: the card front, the face, and whether a living person is there. Runs in workers, never in the web process."""

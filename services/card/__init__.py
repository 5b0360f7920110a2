"""The My Number Card: commands, data objects, a session, readers, and a virtual card that speaks the same bytes."""

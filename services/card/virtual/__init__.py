"""A card that answers APDUs as the My Number Card does, for tests, demonstration and rehearsal. Refused in production."""

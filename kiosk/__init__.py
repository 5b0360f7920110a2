"""The terminal in the shop: screens, card reader, journal, and the client of the kiosk API."""

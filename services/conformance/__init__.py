"""The kiosk API's conformance kit: a black box that tries any server as a terminal would, and any terminal as a server would.

It shares no code with the two that it tries (ADR 0018): neither the server's views, use cases and storage, nor the kiosk.
"""

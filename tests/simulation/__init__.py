"""Two terminals, a server, a card and a resident in one process, where anything may fail at any point, and all of it again."""

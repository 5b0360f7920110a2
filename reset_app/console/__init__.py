"""The console: what municipal staff see and do. It loads nothing from another host."""

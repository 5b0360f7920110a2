"""The resident's pages: checklist 003 in its order, for phones first."""

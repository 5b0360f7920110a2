"""The product without HTTP and without screens."""

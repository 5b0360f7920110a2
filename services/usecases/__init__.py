"""What the product does: one verb a file, each a function of the ports. No framework."""

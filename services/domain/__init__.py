"""What the product is about: state machines, rules and words. Standard library only; no clock, no input or output."""

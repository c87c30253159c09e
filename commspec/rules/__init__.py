"""What a value must be."""

"""All that knows SQL, and nothing that knows Python."""

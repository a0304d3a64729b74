"""Where SQL and connections are found: Python source and .sql files."""

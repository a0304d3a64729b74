"""A small shop: customers, products, orders and reports in one SQLite file."""

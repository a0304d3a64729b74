"""What is sold."""

import json

SELLABLE = "stock > 0 AND (attributes->>'discontinued') IS NULL"


def add(db, name, price_cents, stock=0, category="Shoes", **attributes):
    """Return the id of the new product."""
    with db.transaction():
        return db.value(
            """
            INSERT INTO products (category_id, name, price_cents, stock, attributes)
            SELECT id, %s, %s, %s, %s FROM categories WHERE name = %s
            RETURNING id
            """,
            name,
            price_cents,
            stock,
            json.dumps(attributes),
            category,
        )


def search(db, term, limit=20):
    """Products in stock whose name contains ``term``; no gift cards."""
    return db.all(
        f"SELECT id, name, price_cents FROM products "
        f"WHERE {SELLABLE} AND name ILIKE %s AND name NOT ILIKE '%%gift card%%' "
        f"ORDER BY name LIMIT %s",
        f"%{term}%",
        limit,
    )


def in_size(db, size):
    """Products of one size; sizes are numbers for shoes and letters for clothes."""
    return db.all(
        f"SELECT id, name FROM products WHERE {SELLABLE} AND attributes->>'size' = %s ORDER BY id",
        str(size),
    )


def of_sizes_above(db, size):
    return db.all(
        "SELECT id, name FROM products WHERE (attributes->>'size')::int > %s ORDER BY id",
        size,
    )


def labels(db):
    """One line a product, as it goes to the label printer."""
    return [
        row[0]
        for row in db.all(
            r"SELECT name || E'\n#' || id::text || ' ' || (price_cents / 100.0)::numeric(10, 2)::text"
            " FROM products ORDER BY id"
        )
    ]


def take_from_stock(db, product_id, quantity):
    """Take ``quantity`` pieces, inside the caller's transaction; ValueError where there are fewer."""
    stock = db.value("SELECT stock FROM products WHERE id = %s FOR UPDATE", product_id)
    if stock is None or stock < quantity:
        raise ValueError(f"product {product_id}: {quantity} wanted, {stock or 0} there")
    db.all("UPDATE products SET stock = stock - %s WHERE id = %s", quantity, product_id)

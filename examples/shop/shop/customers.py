"""Who buys."""

import json


def register(db, name, email, **attributes):
    """Return the id of the new customer."""
    with db.transaction():
        return db.value(
            "INSERT INTO customers (name, email, attributes) VALUES (%s, %s, %s) RETURNING id",
            name,
            email,
            json.dumps(attributes),
        )


def search(db, term):
    """Customers whose name or address contains ``term``, in upper or lower case."""
    return db.all(
        """
        SELECT id, name, email
        FROM customers
        WHERE name ILIKE %s OR email ILIKE %s
        ORDER BY name
        """,
        f"%{term}%",
        f"%{term}%",
    )


def by_postcode(db, postcode):
    """Old rows hold the postcode as a number, new ones as text."""
    return db.all(
        "SELECT id, name FROM customers"
        " WHERE json_extract(attributes, '$.postcode') = %s"
        " ORDER BY name",
        str(postcode),
    )


def newcomers(db):
    """Customers of the last 30 days, the newest first."""
    return db.all(
        "SELECT id, name, created_at::date AS joined FROM customers "
        "WHERE created_at > now() - INTERVAL '30 days' ORDER BY created_at DESC, id DESC"
    )


def rename(db, customer_id, name):
    with db.transaction():
        db.connection.execute(
            "UPDATE customers SET name = %(name)s WHERE id = %(id)s",
            {"id": customer_id, "name": name},
        )

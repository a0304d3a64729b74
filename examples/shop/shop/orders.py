"""What was bought."""

from shop import products

TERMS_OF_PAYMENT = "now() + INTERVAL '14 days'"


def place(db, customer_id, basket, note=""):
    """Order ``basket``, a dict of quantities by product id; return the order's id."""
    with db.transaction():
        order_id = db.value(
            f"INSERT INTO orders (customer_id, note, due_at) VALUES (%s, %s, {TERMS_OF_PAYMENT}) RETURNING id",
            customer_id,
            note,
        )
        for product_id, quantity in basket.items():
            products.take_from_stock(db, product_id, quantity)
            db.all(
                "INSERT INTO order_lines (order_id, product_id, quantity, price_cents) "
                "SELECT %s, id, %s, price_cents FROM products WHERE id = %s",
                order_id,
                quantity,
                product_id,
            )
        return order_id


def pay(db, order_id):
    """Mark an open order as paid; False where it is not open."""
    with db.transaction():
        sql = 'UPDATE orders SET status = "paid" WHERE id = %s AND status = "open" RETURNING id'
        return db.one(sql, order_id) is not None


def ship(db, order_id, parcel):
    with db.transaction():
        db.all(
            r"""
            UPDATE orders
            SET status = 'shipped',
                note = note || E'\nparcel ' || %s  -- the customer sees this line
            WHERE id = %s
            """,
            parcel,
            order_id,
        )


def billable(db):
    """Ids of the orders that the accountant wants to see."""
    rows = db.all("SELECT id FROM orders WHERE status = ANY(ARRAY['paid', 'shipped']) ORDER BY id")
    return [row["id"] for row in rows]


def overdue(db):
    query = "SELECT id FROM orders WHERE status = 'open'"
    query += " AND due_at < now()"
    query += " ORDER BY due_at"
    return [row["id"] for row in db.all(query)]


def total_cents(db, order_id):
    return db.value(
        "SELECT COALESCE(SUM(quantity * price_cents), 0)::int FROM order_lines WHERE order_id = %s",
        order_id,
    )

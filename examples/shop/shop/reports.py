"""What the owner reads on Monday morning."""

REVENUE_BY_DAY = """
    SELECT o.placed_at::date AS day,
           COUNT(DISTINCT o.id) AS orders,
           (SUM(l.quantity * l.price_cents) / 100.0)::numeric(10, 2) AS revenue
    FROM orders o
    JOIN order_lines l ON l.order_id = o.id
    WHERE o.placed_at >= CURRENT_DATE - INTERVAL '7 days'
      AND o.status <> ALL(ARRAY['cancelled', 'open'])
    GROUP BY o.placed_at::date
    ORDER BY day
"""


def revenue_by_day(db):
    return db.all(REVENUE_BY_DAY)


def regulars(db, city=None):
    """Customers with two orders or more; ``city`` narrows them."""
    where = ["c.email NOT ILIKE '%%@shop.example'"]
    params = []
    if city:
        where.append("c.attributes->>'city' ILIKE %s")
        params.append(city)
    return db.all(
        "SELECT c.name, COUNT(*)::int AS orders FROM customers c JOIN orders o ON o.customer_id = c.id"
        " WHERE " + " AND ".join(where) + " GROUP BY c.id HAVING COUNT(*) > 1 ORDER BY c.name",
        *params,
    )


def slow_movers(db, days=90):
    """Products that nobody ordered for ``days`` days."""
    return db.all(
        """
        SELECT p.name FROM products p
        WHERE NOT EXISTS (
            SELECT 1 FROM order_lines l JOIN orders o ON o.id = l.order_id
            WHERE l.product_id = p.id AND o.placed_at > NOW() - %s * INTERVAL '1 day'
        )
        ORDER BY p.name
        """,
        days,
    )

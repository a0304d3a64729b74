"""What the shop promises; `python -m unittest` runs it."""

import tempfile
import unittest
from pathlib import Path

from shop import customers, orders, products, reports
from shop.database import Database


class ShopTestCase(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.db = Database(Path(self.directory.name) / "shop.sqlite3")
        self.addCleanup(self.directory.cleanup)
        self.addCleanup(self.db.close)
        self.db.migrate()

    def names(self, rows):
        return [row["name"] for row in rows]

    def shift(self, table, column, row_id, modifier):
        """Move a time stamp, so that rows have an age."""
        with self.db.transaction():
            self.db.all(f"UPDATE {table} SET {column} = datetime('now', ?) WHERE id = ?", modifier, row_id)


class CustomersTest(ShopTestCase):
    def test_search_ignores_case_and_looks_into_addresses(self):
        customers.register(self.db, "Ada Lovelace", "ada@example.org")
        customers.register(self.db, "Grace Hopper", "grace@lovelace.example")
        customers.register(self.db, "Alan Turing", "alan@example.org")
        self.assertEqual(self.names(customers.search(self.db, "LOVELACE")), ["Ada Lovelace", "Grace Hopper"])

    def test_postcode_is_found_as_number_and_as_text(self):
        customers.register(self.db, "Ada", "ada@example.org", postcode=10115)
        customers.register(self.db, "Grace", "grace@example.org", postcode="10115")
        customers.register(self.db, "Alan", "alan@example.org", postcode="01067")
        self.assertEqual(self.names(customers.by_postcode(self.db, "10115")), ["Ada", "Grace"])

    def test_newcomers_are_of_the_last_month(self):
        old = customers.register(self.db, "Ada", "ada@example.org")
        customers.register(self.db, "Grace", "grace@example.org")
        self.shift("customers", "created_at", old, "-31 days")
        [newcomer] = customers.newcomers(self.db)
        self.assertEqual(newcomer["name"], "Grace")
        self.assertRegex(newcomer["joined"], r"^\d{4}-\d\d-\d\d$")

    def test_rename(self):
        ada = customers.register(self.db, "Ada Byron", "ada@example.org")
        customers.rename(self.db, ada, "Ada Lovelace")
        self.assertEqual(self.names(customers.search(self.db, "ada")), ["Ada Lovelace"])


class ProductsTest(ShopTestCase):
    def test_search_ignores_case_and_leaves_gift_cards_out(self):
        products.add(self.db, "Running shoe", 8900, stock=3)
        products.add(self.db, "Shoe GIFT CARD", 5000, stock=3)
        products.add(self.db, "Dancing shoe", 9900, stock=0)
        self.assertEqual(self.names(products.search(self.db, "SHOE")), ["Running shoe"])

    def test_categories_carry_apostrophes(self):
        products.add(self.db, "Rain coat", 4900, stock=1, category="Children's wear")
        self.assertEqual(self.names(products.search(self.db, "rain")), ["Rain coat"])

    def test_size_is_found_as_number_and_as_text(self):
        products.add(self.db, "Boot", 12900, stock=1, size=42)
        products.add(self.db, "Sandal", 4900, stock=1, size="42")
        products.add(self.db, "T-shirt", 1900, stock=1, size="M")
        self.assertEqual(self.names(products.in_size(self.db, 42)), ["Boot", "Sandal"])
        self.assertEqual(self.names(products.in_size(self.db, "M")), ["T-shirt"])

    def test_sizes_compare_as_numbers(self):
        products.add(self.db, "Boot", 12900, size=42)
        products.add(self.db, "Baby shoe", 2900, size="9")
        self.assertEqual(self.names(products.of_sizes_above(self.db, 10)), ["Boot"])

    def test_labels_have_two_lines(self):
        products.add(self.db, "Boot", 12999)
        self.assertEqual(products.labels(self.db), ["Boot\n#1 129.99"])


class OrdersTest(ShopTestCase):
    def setUp(self):
        super().setUp()
        self.ada = customers.register(self.db, "Ada", "ada@example.org", city="Berlin")
        self.boot = products.add(self.db, "Boot", 12900, stock=2)
        self.bag = products.add(self.db, "Bag", 4900, stock=5, category="Bags")

    def test_an_order_takes_from_stock(self):
        order = orders.place(self.db, self.ada, {self.boot: 2, self.bag: 1})
        self.assertEqual(orders.total_cents(self.db, order), 30700)
        self.assertEqual(self.names(products.search(self.db, "b")), ["Bag"])

    def test_an_order_beyond_stock_leaves_nothing_behind(self):
        with self.assertRaises(ValueError):
            orders.place(self.db, self.ada, {self.bag: 1, self.boot: 3})
        self.assertEqual(self.db.value("SELECT COUNT(*) FROM orders"), 0)
        self.assertEqual(self.db.value("SELECT stock FROM products WHERE id = ?", self.bag), 5)

    def test_an_order_is_paid_once(self):
        order = orders.place(self.db, self.ada, {self.bag: 1})
        self.assertTrue(orders.pay(self.db, order))
        self.assertFalse(orders.pay(self.db, order))

    def test_shipping_adds_a_line_to_the_note(self):
        order = orders.place(self.db, self.ada, {self.bag: 1}, note="Ring twice")
        orders.ship(self.db, order, "X1")
        self.assertEqual(self.db.value("SELECT note FROM orders WHERE id = ?", order), "Ring twice\nparcel X1")

    def test_only_paid_and_shipped_orders_are_billable(self):
        paid, shipped, _open = (orders.place(self.db, self.ada, {self.bag: 1}) for _ in range(3))
        orders.pay(self.db, paid)
        orders.ship(self.db, shipped, "X2")
        self.assertEqual(orders.billable(self.db), [paid, shipped])

    def test_orders_are_overdue_after_two_weeks(self):
        order = orders.place(self.db, self.ada, {self.bag: 1})
        self.assertEqual(orders.overdue(self.db), [])
        self.shift("orders", "due_at", order, "-1 minute")
        self.assertEqual(orders.overdue(self.db), [order])


class ReportsTest(ShopTestCase):
    def setUp(self):
        super().setUp()
        self.ada = customers.register(self.db, "Ada", "ada@example.org", city="Berlin")
        self.clerk = customers.register(self.db, "Clerk", "clerk@SHOP.example", city="Berlin")
        self.bag = products.add(self.db, "Bag", 4950, stock=9, category="Bags")

    def order(self, customer):
        order = orders.place(self.db, customer, {self.bag: 1})
        orders.pay(self.db, order)
        return order

    def test_revenue_is_of_the_last_week(self):
        self.order(self.ada)
        self.order(self.ada)
        self.shift("orders", "placed_at", self.order(self.ada), "-8 days")
        [today] = reports.revenue_by_day(self.db)
        self.assertEqual((today["orders"], today["revenue"]), (2, 99.0))

    def test_regulars_are_customers_with_two_orders_and_no_staff(self):
        for customer in (self.ada, self.clerk):
            self.order(customer)
            self.order(customer)
        self.assertEqual(self.names(reports.regulars(self.db)), ["Ada"])
        self.assertEqual(self.names(reports.regulars(self.db, city="BERLIN")), ["Ada"])
        self.assertEqual(self.names(reports.regulars(self.db, city="Paris")), [])

    def test_slow_movers_were_not_ordered_for_long(self):
        products.add(self.db, "Umbrella", 2900, stock=4)
        order = self.order(self.ada)
        self.assertEqual(self.names(reports.slow_movers(self.db)), ["Umbrella"])
        self.shift("orders", "placed_at", order, "-100 days")
        self.assertEqual(self.names(reports.slow_movers(self.db)), ["Bag", "Umbrella"])


if __name__ == "__main__":
    unittest.main()

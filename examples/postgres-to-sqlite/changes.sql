BEGIN;
INSERT INTO customers (name) VALUES ('Barbara');
INSERT INTO orders (customer, amount, placed) VALUES (4, 99.90, '2024-03-01 12:00+00');
COMMIT;

UPDATE orders SET state = 'paid' WHERE id <= 10;
DELETE FROM orders WHERE id > 990 AND customer <> 4;

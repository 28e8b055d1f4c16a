CREATE TYPE state AS ENUM ('open', 'paid', 'sent');

CREATE TABLE customers (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    tags text[] NOT NULL DEFAULT '{}'
);

CREATE TABLE orders (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer int NOT NULL REFERENCES customers,
    state state NOT NULL DEFAULT 'open',
    amount numeric(10, 2) NOT NULL,
    placed timestamptz NOT NULL
);

INSERT INTO customers (name, tags) VALUES ('Ada', '{new,"pays late"}'), ('Grace', '{}'), ('Edsger', '{old}');

INSERT INTO orders (customer, amount, placed)
SELECT n % 3 + 1, n * 1.25, timestamptz '2024-01-01 08:00+00' + n * interval '1 hour'
  FROM generate_series(1, 1000) n;

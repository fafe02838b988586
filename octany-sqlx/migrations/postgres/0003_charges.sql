-- Octany: charges that are being made (state 0 or 1), and those that were.
-- All instants are microseconds since 1970-01-01T00:00:00Z. Text is compared byte by byte, so that
-- no index depends on the collations of the system.

-- One row a charge, by the id that the app chose.
CREATE TABLE IF NOT EXISTS octany_charges (
    charge_id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    subscription_id TEXT COLLATE "C" NOT NULL,
    product_id      TEXT     NOT NULL,
    amount          BIGINT   NOT NULL, -- of one, in minor units
    quantity        BIGINT   NOT NULL,
    vat             BIGINT,            -- basis points
    digest          BIGINT   NOT NULL, -- what is asked for, as one number; an id stands for one of them
    state           SMALLINT NOT NULL CHECK (state IN (0, 1, 2, 3, 4)), -- prepared, sent, created, refused, abandoned
    token           BIGINT   NOT NULL, -- who has it, or had it last
    begun_at        BIGINT   NOT NULL,
    claimed_until   BIGINT   NOT NULL,
    orders_before   TEXT,              -- JSON: the orders that there were when it was sent
    order_id        TEXT COLLATE "C",  -- what it became
    settled_at      BIGINT
);

-- The promise itself: of one subscription, one is open at a time.
CREATE UNIQUE INDEX IF NOT EXISTS octany_charges_open
    ON octany_charges (subscription_id) WHERE state < 2;

-- An order is one charge's.
CREATE UNIQUE INDEX IF NOT EXISTS octany_charges_order
    ON octany_charges (order_id) WHERE order_id IS NOT NULL;

CREATE INDEX IF NOT EXISTS octany_charges_unknown
    ON octany_charges (claimed_until) WHERE state = 1;

-- Octany: charges that are being made (state 0 or 1), and those that were.
-- All instants are microseconds since 1970-01-01T00:00:00Z. Ids are bytes (UTF-8).

-- One row a charge, by the id that the app chose.
CREATE TABLE IF NOT EXISTS octany_charges (
    charge_id         VARBINARY(1024) NOT NULL PRIMARY KEY,
    subscription_id   VARBINARY(1024) NOT NULL,
    product_id        VARBINARY(1024) NOT NULL,
    amount            BIGINT   NOT NULL, -- of one, in minor units
    quantity          BIGINT   NOT NULL,
    vat               BIGINT,            -- basis points
    digest            BIGINT   NOT NULL, -- what is asked for, as one number; an id stands for one of them
    state             SMALLINT NOT NULL CHECK (state IN (0, 1, 2, 3, 4)), -- prepared, sent, created, refused, abandoned
    token             BIGINT   NOT NULL, -- who has it, or had it last
    begun_at          BIGINT   NOT NULL,
    claimed_until     BIGINT   NOT NULL,
    orders_before     MEDIUMBLOB,        -- JSON: the orders that there were when it was sent
    order_id          VARBINARY(1024),   -- what it became
    settled_at        BIGINT,
    open_subscription VARBINARY(1024) GENERATED ALWAYS AS (CASE WHEN state < 2 THEN subscription_id END) STORED,
    -- The promise itself: of one subscription, one is open at a time.
    UNIQUE INDEX octany_charges_open (open_subscription),
    -- An order is one charge's.
    UNIQUE INDEX octany_charges_order (order_id),
    INDEX octany_charges_unknown (state, claimed_until)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

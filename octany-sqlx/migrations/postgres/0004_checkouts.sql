-- Octany: which checkouts visitors were sent to.
-- All instants are microseconds since 1970-01-01T00:00:00Z. Text is compared byte by byte, so that
-- no index depends on the collations of the system.

-- One row for each user and reference.
CREATE TABLE IF NOT EXISTS octany_checkouts (
    user_id      TEXT COLLATE "C" NOT NULL, -- the app's own key for the visitor
    reference_id TEXT COLLATE "C" NOT NULL, -- what Octany was told
    product_id   TEXT   NOT NULL, -- what was offered
    begun_at     BIGINT NOT NULL, -- the last time
    returned_at  BIGINT,          -- the first time since then
    PRIMARY KEY (user_id, reference_id)
);

CREATE INDEX IF NOT EXISTS octany_checkouts_newest
    ON octany_checkouts (user_id, begun_at, reference_id);

CREATE INDEX IF NOT EXISTS octany_checkouts_begun
    ON octany_checkouts (begun_at);

-- Octany: the newest report of every subscription, and what was done with deliveries.
-- All instants are microseconds since 1970-01-01T00:00:00Z.

-- One row a subscription: its newest report.
CREATE TABLE IF NOT EXISTS octany_subscriptions (
    subscription_id TEXT    NOT NULL PRIMARY KEY,
    reference_id    TEXT,             -- as reported; NULL: see octany_links
    product_id      TEXT,
    status          TEXT    NOT NULL, -- the name on the wire
    renews_at       INTEGER,
    ends_at         INTEGER,
    trial_ends_at   INTEGER,
    version         INTEGER NOT NULL, -- how new the report is; only ever grows
    digest          INTEGER NOT NULL, -- what the report says, as one number
    contested       INTEGER NOT NULL CHECK (contested IN (0, 1)), -- 1: in doubt until a newer report
    resource        TEXT,             -- the report's JSON, without the portal's links
    revision        INTEGER NOT NULL, -- how often the row was written
    ties            INTEGER NOT NULL  -- how many reports of this version said something else
) STRICT;

CREATE INDEX IF NOT EXISTS octany_subscriptions_reference
    ON octany_subscriptions (reference_id);

-- Whose a subscription is where its own reports name nobody.
CREATE TABLE IF NOT EXISTS octany_links (
    subscription_id TEXT NOT NULL PRIMARY KEY,
    reference_id    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS octany_links_reference
    ON octany_links (reference_id);

-- Deliveries that are being dealt with (completed_at NULL) and those that were.
CREATE TABLE IF NOT EXISTS octany_deliveries (
    delivery_id   TEXT    NOT NULL PRIMARY KEY,
    token         INTEGER NOT NULL, -- who holds the claim
    claimed_until INTEGER NOT NULL,
    completed_at  INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS octany_deliveries_completed
    ON octany_deliveries (completed_at, claimed_until);

-- Which access was last announced.
CREATE TABLE IF NOT EXISTS octany_access (
    reference_id TEXT    NOT NULL PRIMARY KEY,
    granted      INTEGER NOT NULL CHECK (granted IN (0, 1)),
    ends_at      INTEGER,          -- when it ends if no report comes
    changed_at   INTEGER NOT NULL,
    changed      INTEGER NOT NULL CHECK (changed IN (0, 1)) -- whether the last write changed `granted`
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS octany_access_ends
    ON octany_access (ends_at) WHERE ends_at IS NOT NULL;

-- Octany: the newest report of every subscription, and what was done with deliveries.
-- All instants are microseconds since 1970-01-01T00:00:00Z. Text is compared byte by byte, so that
-- no index depends on the collations of the system.

-- One row a subscription: its newest report.
CREATE TABLE IF NOT EXISTS octany_subscriptions (
    subscription_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    reference_id    TEXT COLLATE "C",          -- as reported; NULL: see octany_links
    product_id      TEXT COLLATE "C",
    status          TEXT COLLATE "C" NOT NULL, -- the name on the wire
    renews_at       BIGINT,
    ends_at         BIGINT,
    trial_ends_at   BIGINT,
    version         BIGINT  NOT NULL, -- how new the report is; only ever grows
    digest          BIGINT  NOT NULL, -- what the report says, as one number
    contested       BOOLEAN NOT NULL, -- in doubt until a newer report
    resource        TEXT,             -- the report's JSON, without the portal's links
    revision        BIGINT  NOT NULL, -- how often the row was written
    ties            BIGINT  NOT NULL  -- how many reports of this version said something else
);

CREATE INDEX IF NOT EXISTS octany_subscriptions_reference
    ON octany_subscriptions (reference_id);

-- Whose a subscription is where its own reports name nobody.
CREATE TABLE IF NOT EXISTS octany_links (
    subscription_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    reference_id    TEXT COLLATE "C" NOT NULL
);

CREATE INDEX IF NOT EXISTS octany_links_reference
    ON octany_links (reference_id);

-- Deliveries that are being dealt with (completed_at NULL) and those that were.
CREATE TABLE IF NOT EXISTS octany_deliveries (
    delivery_id   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    token         BIGINT NOT NULL, -- who holds the claim
    claimed_until BIGINT NOT NULL,
    completed_at  BIGINT
);

CREATE INDEX IF NOT EXISTS octany_deliveries_completed
    ON octany_deliveries (completed_at, claimed_until);

-- Which access was last announced.
CREATE TABLE IF NOT EXISTS octany_access (
    reference_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    granted      BOOLEAN NOT NULL,
    ends_at      BIGINT,           -- when it ends if no report comes
    changed_at   BIGINT  NOT NULL,
    changed      BOOLEAN NOT NULL  -- whether the last write changed `granted`
);

CREATE INDEX IF NOT EXISTS octany_access_ends
    ON octany_access (ends_at) WHERE ends_at IS NOT NULL;

-- Octany: the newest report of every subscription, and what was done with deliveries.
-- All instants are microseconds since 1970-01-01T00:00:00Z. Ids, references and names are bytes
-- (UTF-8), since no collation that MySQL and MariaDB share tells 'user' from 'user '.

-- One row a subscription: its newest report.
CREATE TABLE IF NOT EXISTS octany_subscriptions (
    subscription_id VARBINARY(1024) NOT NULL PRIMARY KEY,
    reference_id    VARBINARY(1024),          -- as reported; NULL: see octany_links
    product_id      VARBINARY(1024),
    status          VARBINARY(1024) NOT NULL, -- the name on the wire
    renews_at       BIGINT,
    ends_at         BIGINT,
    trial_ends_at   BIGINT,
    version         BIGINT  NOT NULL, -- how new the report is; only ever grows
    digest          BIGINT  NOT NULL, -- what the report says, as one number
    contested       BOOLEAN NOT NULL, -- in doubt until a newer report
    resource        LONGTEXT CHARACTER SET utf8mb4, -- the report's JSON, without the portal's links
    revision        BIGINT  NOT NULL, -- how often the row was written
    ties            BIGINT  NOT NULL, -- how many reports of this version said something else
    INDEX octany_subscriptions_reference (reference_id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

-- Whose a subscription is where its own reports name nobody.
CREATE TABLE IF NOT EXISTS octany_links (
    subscription_id VARBINARY(1024) NOT NULL PRIMARY KEY,
    reference_id    VARBINARY(1024) NOT NULL,
    INDEX octany_links_reference (reference_id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

-- Deliveries that are being dealt with (completed_at NULL) and those that were.
CREATE TABLE IF NOT EXISTS octany_deliveries (
    delivery_id   VARBINARY(1024) NOT NULL PRIMARY KEY,
    token         BIGINT NOT NULL, -- who holds the claim
    claimed_until BIGINT NOT NULL,
    completed_at  BIGINT,
    INDEX octany_deliveries_completed (completed_at, claimed_until)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

-- Which access was last announced.
CREATE TABLE IF NOT EXISTS octany_access (
    reference_id VARBINARY(1024) NOT NULL PRIMARY KEY,
    granted      BOOLEAN NOT NULL,
    ends_at      BIGINT,           -- when it ends if no report comes
    changed_at   BIGINT  NOT NULL,
    changed      BOOLEAN NOT NULL, -- whether the last write changed `granted`
    INDEX octany_access_ends (ends_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

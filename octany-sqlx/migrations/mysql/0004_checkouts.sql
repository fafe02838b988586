-- Octany: which checkouts visitors were sent to.
-- All instants are microseconds since 1970-01-01T00:00:00Z. Ids and references are bytes (UTF-8).

-- One row for each user and reference. It has a number, by which a statement tells which row it
-- changed.
CREATE TABLE IF NOT EXISTS octany_checkouts (
    number       BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id      VARBINARY(1024) NOT NULL, -- the app's own key for the visitor
    reference_id VARBINARY(1024) NOT NULL, -- what Octany was told
    product_id   VARBINARY(1024) NOT NULL, -- what was offered
    begun_at     BIGINT NOT NULL, -- the last time
    returned_at  BIGINT,          -- the first time since then
    UNIQUE INDEX octany_checkouts_reference (user_id, reference_id),
    INDEX octany_checkouts_newest (user_id, begun_at, reference_id),
    INDEX octany_checkouts_begun (begun_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

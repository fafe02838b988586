-- Octany: deliveries that were stored to be handled in the background.
-- All instants are microseconds since 1970-01-01T00:00:00Z. Ids, keys and names are bytes (UTF-8).

-- One row a delivery. There are no partial indexes here, so most begin with the state.
CREATE TABLE IF NOT EXISTS octany_inbox (
    arrival      BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, -- the order in which they were put
    delivery_id  VARBINARY(1024) NOT NULL,
    letter_key   VARBINARY(1040) NOT NULL, -- what it is about; of one key, one runs at a time
    event_name   VARBINARY(2000) NOT NULL,
    version      BIGINT   NOT NULL, -- the order within a key, before that of arrival
    received_at  BIGINT   NOT NULL,
    secret_label VARBINARY(1024) NOT NULL, -- which secret had signed it
    `body`       LONGBLOB, -- as it was verified; NULL is an empty one
    state        SMALLINT NOT NULL CHECK (state IN (0, 1, 2, 3)), -- waits, runs, dead, done
    due_at       BIGINT   NOT NULL, -- when it may be given out (again); while it runs, its lease's end
    token        BIGINT   NOT NULL, -- who has it, or had it last
    attempts     BIGINT   NOT NULL, -- how many failed
    last_error   VARBINARY(2000),
    settled_at   BIGINT,            -- since when it is dead or done
    running_key  VARBINARY(1040) GENERATED ALWAYS AS (CASE WHEN state = 1 THEN letter_key END) STORED,
    UNIQUE INDEX octany_inbox_delivery (delivery_id),
    -- The promise itself: of one key, one runs at a time.
    UNIQUE INDEX octany_inbox_running (running_key),
    -- What is open is found at once, however much was done.
    INDEX octany_inbox_due (state, due_at, arrival),
    INDEX octany_inbox_order (letter_key, state, version, arrival),
    INDEX octany_inbox_done (state, settled_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

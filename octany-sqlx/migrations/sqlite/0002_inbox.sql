-- Octany: deliveries that were stored to be handled in the background.
-- All instants are microseconds since 1970-01-01T00:00:00Z.

-- One row a delivery.
CREATE TABLE IF NOT EXISTS octany_inbox (
    arrival      INTEGER NOT NULL PRIMARY KEY, -- the order in which they were put
    delivery_id  TEXT    NOT NULL UNIQUE,
    letter_key   TEXT    NOT NULL, -- what it is about; of one key, one runs at a time
    event_name   TEXT    NOT NULL,
    version      INTEGER NOT NULL, -- the order within a key, before that of arrival
    received_at  INTEGER NOT NULL,
    secret_label TEXT    NOT NULL, -- which secret had signed it
    body         BLOB    NOT NULL, -- as it was verified
    state        INTEGER NOT NULL CHECK (state IN (0, 1, 2, 3)), -- waits, runs, dead, done
    due_at       INTEGER NOT NULL, -- when it may be given out (again); while it runs, its lease's end
    token        INTEGER NOT NULL, -- who has it, or had it last
    attempts     INTEGER NOT NULL, -- how many failed
    last_error   TEXT,
    settled_at   INTEGER           -- since when it is dead or done
) STRICT;

-- The promise itself: of one key, one runs at a time.
CREATE UNIQUE INDEX IF NOT EXISTS octany_inbox_running
    ON octany_inbox (letter_key) WHERE state = 1;

-- What is open is found at once, however much was done.
CREATE INDEX IF NOT EXISTS octany_inbox_due
    ON octany_inbox (due_at, arrival) WHERE state < 2;

CREATE INDEX IF NOT EXISTS octany_inbox_order
    ON octany_inbox (letter_key, version, arrival) WHERE state < 2;

CREATE INDEX IF NOT EXISTS octany_inbox_dead
    ON octany_inbox (arrival) WHERE state = 2;

CREATE INDEX IF NOT EXISTS octany_inbox_done
    ON octany_inbox (settled_at) WHERE state = 3;

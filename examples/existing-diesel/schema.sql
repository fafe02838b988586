-- The app's table: licences of accounts, with the document that each was last reported by.
-- Dates are microseconds since 1970-01-01T00:00:00Z, as everywhere in this app.

CREATE TABLE licences (
    number     text COLLATE "C" PRIMARY KEY, -- Octany's id of the subscription
    account    text COLLATE "C",             -- the referenceId of the checkout, byte by byte
    product    text,
    status     text    NOT NULL,
    renews_us  bigint,
    ends_us    bigint,
    trial_us   bigint,
    document   text,                         -- without the portal's links
    version    bigint  NOT NULL,
    digest     bigint  NOT NULL,
    contested  boolean NOT NULL,
    last_write text    NOT NULL
);

CREATE INDEX licences_account ON licences (account);

-- The secrets that tickets' codes and signatures are made with, where none is configured. They never enter the log: the
-- events keep digests of codes. The newest one makes new codes; the others still read theirs.
CREATE TABLE ticket_keys (
    id         uuid        PRIMARY KEY,
    secret     bytea       NOT NULL CONSTRAINT ticket_keys_secret_length CHECK (octet_length(secret) = 32),
    created_at timestamptz NOT NULL
);

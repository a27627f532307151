-- The log. Its columns are those postgres-es documents, plus the order (position), an id and the true time.
-- `position` has no default: a writer that bypasses the committer fails instead of forking the order.
-- `json`, not `jsonb`: stored bytes stay verbatim, so that they can be hashed.
CREATE TABLE events (
    aggregate_type text        COLLATE "C" NOT NULL,
    aggregate_id   text        COLLATE "C" NOT NULL,
    sequence       bigint      NOT NULL CONSTRAINT events_sequence_check CHECK (sequence >= 1),
    event_type     text        COLLATE "C" NOT NULL,
    event_version  text        COLLATE "C" NOT NULL,
    payload        json        NOT NULL,
    metadata       json        NOT NULL,
    position       bigint      NOT NULL CONSTRAINT events_position_check CHECK (position >= 1),
    event_id       uuid        NOT NULL,
    recorded_at    timestamptz NOT NULL,
    CONSTRAINT events_pkey PRIMARY KEY (aggregate_type, aggregate_id, sequence),
    CONSTRAINT events_position_key UNIQUE (position)
);

-- The log is append-only: whoever may write at all may only append.
CREATE FUNCTION refuse_change_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only' USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER events_are_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_events();

-- One row per shard: the last position, and the epoch under which alone the next one may be taken.
-- Its row lock, held until commit, makes position order = commit order = visibility order.
CREATE TABLE log_head (
    shard    smallint PRIMARY KEY,
    position bigint   NOT NULL CHECK (position >= 0),
    epoch    bigint   NOT NULL CHECK (epoch >= 0)
) WITH (fillfactor = 10);

INSERT INTO log_head (shard, position, epoch) VALUES (0, 0, 0);

-- Who owns the log, where it takes commands, and a pulse by which others see that it lives.
-- A hint only: what keeps two owners apart is the epoch.
CREATE TABLE log_owner (
    shard         smallint    PRIMARY KEY REFERENCES log_head (shard),
    epoch         bigint      NOT NULL,
    node          uuid        NOT NULL,
    address       text        NOT NULL,
    pulse         bigint      NOT NULL,
    backend_pid   integer     NOT NULL,
    backend_start timestamptz NOT NULL
) WITH (fillfactor = 10);

-- One row per finished command with an idempotency key, written in the statement that appends its events.
-- Three slots, one per day in turn; a slot is emptied before it is used again, so nothing is deleted row by row.
CREATE TABLE receipts (
    slot            smallint NOT NULL CHECK (slot BETWEEN 0 AND 2),
    principal       uuid     NOT NULL,
    idempotency_key text     COLLATE "C" NOT NULL,
    request_hash    bytea    NOT NULL,
    status          smallint NOT NULL,
    response        text     NOT NULL,
    position        bigint   NOT NULL,
    CONSTRAINT receipts_pkey PRIMARY KEY (principal, idempotency_key, slot)
) PARTITION BY LIST (slot);

CREATE TABLE receipts_0 PARTITION OF receipts FOR VALUES IN (0);
CREATE TABLE receipts_1 PARTITION OF receipts FOR VALUES IN (1);
CREATE TABLE receipts_2 PARTITION OF receipts FOR VALUES IN (2);

-- The day (days since 1970-01-01 UTC) whose slot is being written.
CREATE TABLE receipts_day (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    day      integer NOT NULL
);

INSERT INTO receipts_day (day) VALUES (0);

-- The newest snapshot of a stream. A hint that saves replay: it may be deleted at any time.
CREATE TABLE snapshots (
    aggregate_type text     COLLATE "C" NOT NULL,
    aggregate_id   text     COLLATE "C" NOT NULL,
    sequence       bigint   NOT NULL CHECK (sequence >= 1),
    schema_version integer  NOT NULL,
    state          json     NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id)
);

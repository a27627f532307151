-- What the books of payment providers said beside ours, each time they were compared.
CREATE TABLE reconciliation (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider    text        COLLATE "C" NOT NULL,
    from_at     timestamptz NOT NULL,
    until_at    timestamptz NOT NULL,
    -- whether what the provider is entitled to tell was to be recorded
    recording   boolean     NOT NULL,
    -- whether it was made by itself, not because somebody asked for it
    scheduled   boolean     NOT NULL,
    state       text        COLLATE "C" NOT NULL,
    begun_at    timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz,
    charges     integer     NOT NULL DEFAULT 0,
    refunds     integer     NOT NULL DEFAULT 0,
    payments    integer     NOT NULL DEFAULT 0,
    open        integer     NOT NULL DEFAULT 0,
    recorded    integer     NOT NULL DEFAULT 0,
    differences jsonb       NOT NULL DEFAULT '[]',
    error       text
);

CREATE INDEX reconciliation_by_provider ON reconciliation (provider, id);

-- What payment providers told by webhooks, byte for byte, before anything is done about it. Whoever tells it again is
-- known by the provider's name for it.
CREATE TABLE webhook (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider    text        COLLATE "C" NOT NULL,
    event_id    text        COLLATE "C" NOT NULL,
    name        text        COLLATE "C" NOT NULL,
    happened_at timestamptz,
    received_at timestamptz NOT NULL DEFAULT now(),
    body        bytea       NOT NULL,
    -- as it was understood; null if it was not
    told        jsonb,
    payment_id  uuid,
    outcome     text        COLLATE "C" NOT NULL,
    detail      text,
    failures    integer     NOT NULL DEFAULT 0,
    next_at     timestamptz NOT NULL DEFAULT now(),
    settled_at  timestamptz,
    UNIQUE (provider, event_id)
);

CREATE INDEX webhook_waiting ON webhook (next_at, id) WHERE outcome = 'waiting';

-- Calls to payment providers from before they are made until what came of them is in the log: after a crash, a call that
-- is still here may have been made. What a provider will not do stays until somebody sees to it.
CREATE TABLE provider_call (
    key        text        COLLATE "C" PRIMARY KEY,
    step       text        COLLATE "C" NOT NULL,
    booking_id uuid        NOT NULL,
    payment_id uuid,
    reference  text        COLLATE "C",
    state      text        COLLATE "C" NOT NULL,
    round      integer     NOT NULL DEFAULT 1,
    failures   integer     NOT NULL DEFAULT 0,
    error      text,
    next_at    timestamptz,
    begun_at   timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX provider_call_due ON provider_call (next_at) WHERE state = 'waiting';
CREATE INDEX provider_call_by_payment ON provider_call (payment_id);

-- What was paid before there were checkouts was recorded by hand and calls for nothing.
INSERT INTO process (name, position)
SELECT 'checkout', position
  FROM log_head
 WHERE shard = 0;

-- What is known of each booking and what was posted for it, to go on from.
CREATE TABLE ledger_books (
    booking_id uuid    NOT NULL,
    listing_id uuid,
    settled    boolean NOT NULL,
    state      jsonb   NOT NULL
);
-- Which booking a payment is for: only its first event says so.
CREATE TABLE ledger_payments (
    payment_id uuid NOT NULL,
    booking_id uuid NOT NULL
);
-- Entries are only added. Those of one position are a transaction.
CREATE TABLE ledger_entries (
    entry           bigint NOT NULL,
    position        bigint NOT NULL,
    booking_id      uuid,
    payment_id      uuid,
    payout_id       uuid,
    listing_id      uuid,
    organization_id uuid,
    cause           text   COLLATE "C" NOT NULL,
    account         text   COLLATE "C" NOT NULL,
    day             date   NOT NULL,
    currency        text   COLLATE "C" NOT NULL,
    amount_minor    bigint NOT NULL
);
CREATE TABLE ledger_payouts (
    payout_id       uuid        NOT NULL,
    organization_id uuid        NOT NULL,
    first_day       date        NOT NULL,
    end_day         date        NOT NULL,
    currency        text        COLLATE "C" NOT NULL,
    amount_minor    bigint      NOT NULL,
    reference       text,
    paid_on         date        NOT NULL,
    withdrawn_on    date,
    recorded_at     timestamptz NOT NULL,
    position        bigint      NOT NULL
)

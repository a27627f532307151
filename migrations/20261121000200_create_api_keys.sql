-- Who may call the API. Only a hash of the key is kept.
CREATE TABLE api_keys (
    id         uuid        PRIMARY KEY,
    name       text        NOT NULL,
    key_hash   bytea       NOT NULL CONSTRAINT api_keys_key_hash_key UNIQUE,
    rights     text[]      NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);

-- How far each projection has read the log. `generation` counts its rebuilds; `live` is the one queries read.
CREATE TABLE checkpoint (
    shard      smallint NOT NULL DEFAULT 0,
    projection text     COLLATE "C" NOT NULL,
    generation integer  NOT NULL,
    version    integer  NOT NULL,
    position   bigint   NOT NULL CHECK (position >= 0),
    live       boolean  NOT NULL,
    PRIMARY KEY (shard, projection, generation)
);

CREATE UNIQUE INDEX checkpoint_one_live ON checkpoint (shard, projection) WHERE live;

-- Keys whose event a projection could not apply: parked there, so that all other keys go on.
CREATE TABLE parked_key (
    projection text        COLLATE "C" NOT NULL,
    generation integer     NOT NULL,
    key        text        COLLATE "C" NOT NULL,
    position   bigint      NOT NULL,
    reason     text        NOT NULL,
    parked_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (projection, generation, key)
);

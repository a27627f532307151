-- How far each process manager has read the log. What it does on reading an event it does once however often it reads
-- it, so a position that is behind costs time and nothing else.
CREATE TABLE process (
    shard    smallint NOT NULL DEFAULT 0,
    name     text     COLLATE "C" NOT NULL,
    position bigint   NOT NULL CHECK (position >= 0),
    PRIMARY KEY (shard, name)
);

-- What happened before there were notices is told to nobody.
INSERT INTO process (name, position)
SELECT 'notices', position
  FROM log_head
 WHERE shard = 0;

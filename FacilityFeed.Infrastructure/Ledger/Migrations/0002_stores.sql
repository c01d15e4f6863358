-- Which installation wrote an object: one state database is one installation. Kept beside each object where the store can,
-- for two installations may make the same bytes under the same name in the same second.
CREATE TABLE feed.installation (
    id        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    only_one  boolean NOT NULL UNIQUE DEFAULT true CHECK (only_one)
);

INSERT INTO feed.installation DEFAULT VALUES;

ALTER TABLE feed.chunk
    ADD COLUMN etag           text,                       -- the store's own tag of the shard
    ADD COLUMN store_retries  integer NOT NULL DEFAULT 0; -- requests to the store that were sent a second time, over all attempts

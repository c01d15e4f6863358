-- When the attempt at the plan or the manifest last said that it lives, by this database's clock. Null while nobody is at work on either.
ALTER TABLE feed.run ADD COLUMN heartbeat_at timestamptz;

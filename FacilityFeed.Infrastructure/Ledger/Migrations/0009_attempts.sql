-- Which process took the newest attempt: "JOB:ATTEMPT" and the words of ProcessIdentity.cs. The job and the attempt stand in it, for an older
-- service that works beside this one takes attempts without a word here. Neither rewrites the table.
ALTER TABLE feed.chunk ADD COLUMN process text;
ALTER TABLE feed.run ADD COLUMN process text; -- of its plan or its manifest

-- Whether messages of Amazon SNS are believed only with a good signature, and the topic that they come from:
-- that of the first one whose signature was good, unless somebody named it.
ALTER TABLE hooks ADD COLUMN verified BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE hooks ADD COLUMN topic TEXT;

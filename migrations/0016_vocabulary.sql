-- What this place calls what it writes about an incident (DOC-10), within a sentence: one of it, and several.
ALTER TABLE workspace ADD COLUMN term TEXT NOT NULL DEFAULT 'post-mortem';
ALTER TABLE workspace ADD COLUMN terms TEXT NOT NULL DEFAULT 'post-mortems';

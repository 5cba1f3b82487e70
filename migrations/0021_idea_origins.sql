-- The event in whose words an idea was parked, so that whoever reads the idea finds what it came from. The event may be gone.
ALTER TABLE follow_ups ADD COLUMN event UUID;

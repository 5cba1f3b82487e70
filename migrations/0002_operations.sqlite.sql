-- What was done is never changed or removed, also not by mistake. Before there is anybody there is no record yet:
-- restoring begins with an empty one.
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the record of acts is never changed');
END;
CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit WHEN EXISTS (SELECT 1 FROM people) BEGIN
    SELECT RAISE(ABORT, 'the record of acts is never removed');
END;

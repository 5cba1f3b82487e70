-- Findings in single fields of an incident's pages that somebody looked at: an event, an idea, an account. By sentence;
-- who did is not kept. Those of its document stand in language_findings; a dismissal holds in both.
CREATE TABLE field_findings (
    incident UUID NOT NULL REFERENCES incidents (id),
    -- The key of the normalised sentence, sixteen hexadecimal digits; never its words.
    sentence TEXT NOT NULL,
    rule TEXT NOT NULL,
    at BIGINT NOT NULL,
    -- 'seen', 'not_here' or 'does_not_help'
    outcome TEXT NOT NULL,
    PRIMARY KEY (incident, sentence, rule)
);
CREATE INDEX field_findings_by_rule ON field_findings (rule, at);

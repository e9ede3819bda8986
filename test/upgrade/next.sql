-- What is new in the version that next.sh makes.

CREATE FUNCTION flow.next_power(value bigint)
RETURNS integer
AS 'MODULE_PATHNAME', 'fs_log2_bucket'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.next_power(bigint) IS 'flow.log2_bucket by another name';

CREATE TABLE flow.next_note (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    relation regclass NOT NULL,
    note text NOT NULL DEFAULT 'none' CHECK (note <> ''),
    own boolean NOT NULL DEFAULT true
);

COMMENT ON TABLE flow.next_note IS 'notes on tables';
COMMENT ON COLUMN flow.next_note.own IS 'false for the row that comes with the extension';

INSERT INTO flow.next_note (relation, note, own) VALUES ('flow.service', 'names of ports', false);
SELECT pg_catalog.pg_extension_config_dump('flow.next_note', 'WHERE own');

CREATE INDEX ON flow.next_note (relation);
ALTER TABLE flow.next_note ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader ON flow.next_note FOR SELECT USING (pg_catalog.has_table_privilege(relation, 'SELECT'));
GRANT SELECT ON flow.next_note TO PUBLIC;

CREATE FUNCTION flow.next_note(relation regclass, note text)
RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO flow.next_note (relation, note) VALUES (next_note.relation, next_note.note);
END;

COMMENT ON FUNCTION flow.next_note(regclass, text) IS 'Adds to flow.next_note.';
REVOKE EXECUTE ON FUNCTION flow.next_note(regclass, text) FROM PUBLIC;

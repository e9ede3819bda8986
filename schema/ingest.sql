-------------------------------------------------------------------------
-- Ingest
-------------------------------------------------------------------------

CREATE TABLE flow.ingest (
    source text NOT NULL,
    relation regclass NOT NULL,
    first bigint NOT NULL CHECK (first >= 0),
    next bigint NOT NULL CHECK (next > first),
    rows bigint NOT NULL CHECK (rows >= 0),
    written timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (source, relation, first)
);

COMMENT ON TABLE flow.ingest IS
'What collectors have written: the rows of positions first to next (exclusive)
of a source are in the relation.  Positions count in a way of the source''s
own; ranges of one source and relation do not overlap, and adjacent ones are
one.  A collector reads this to begin where it ended, and changes it by
flow.note_ingest() in the transaction that writes the rows, so that each row
counts once.  It needs SELECT, INSERT, UPDATE and DELETE.  Dumped with the
database, except for relations that are no more.';
COMMENT ON COLUMN flow.ingest.source IS
'where rows come from: spool:ID, file:SHA-256, replay:SHA-256,
kafka:TOPIC:PARTITION, or watch:DIRECTORY:DIGEST';
COMMENT ON COLUMN flow.ingest.rows IS 'rows written of these positions';
COMMENT ON COLUMN flow.ingest.written IS
'when the last of them were, or, a day more or less, a watched file was last
seen';

SELECT pg_catalog.pg_extension_config_dump('flow.ingest',
    'WHERE relation::oid IN (SELECT oid FROM pg_catalog.pg_class)');

CREATE FUNCTION flow.note_ingest(source text, relation regclass, first bigint, next bigint, rows bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    high bigint := note_ingest.next;
    more bigint := 0;
BEGIN
    -- Whoever else notes this source has committed before we look, and a
    -- session that the collector has lost cannot commit after.
    PERFORM pg_catalog.pg_advisory_xact_lock(
        pg_catalog.hashtextextended(note_ingest.source, note_ingest.relation::oid::bigint));

    IF EXISTS (SELECT FROM flow.ingest i
               WHERE i.source = note_ingest.source
               AND i.relation = note_ingest.relation
               AND i.first < note_ingest.next AND i.next > note_ingest.first)
    THEN
        RAISE EXCEPTION 'rows of source "%" have been written already',
            note_ingest.source
            USING ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = pg_catalog.format('Positions are %s to %s.',
                note_ingest.first, note_ingest.next);
    END IF;

    DELETE FROM flow.ingest i
    WHERE i.source = note_ingest.source AND i.relation = note_ingest.relation
    AND i.first = note_ingest.next
    RETURNING i.next, i.rows INTO high, more;
    high := coalesce(high, note_ingest.next);
    more := coalesce(more, 0) + note_ingest.rows;

    UPDATE flow.ingest i
    SET next = high, rows = i.rows + more, written = pg_catalog.clock_timestamp()
    WHERE i.source = note_ingest.source AND i.relation = note_ingest.relation
    AND i.next = note_ingest.first;
    IF NOT FOUND THEN
        INSERT INTO flow.ingest
        VALUES (note_ingest.source, note_ingest.relation, note_ingest.first,
                high, more, pg_catalog.clock_timestamp());
    END IF;
END
$$;

COMMENT ON FUNCTION flow.note_ingest(text, regclass, bigint, bigint, bigint) IS
'Notes in flow.ingest that this transaction writes rows rows to the relation,
those of positions first to next (exclusive) of the source.  If some of these
positions are noted already it is an error
(object_not_in_prerequisite_state), so that the transaction writes nothing.
To be called last in a transaction of isolation level READ COMMITTED; it waits
for others that note the same source.';

CREATE FUNCTION flow.forget_ingest(older interval, OUT ranges bigint)
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH gone AS (
        DELETE FROM flow.ingest i
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = i.relation)
        OR (i.source !~ '^(file|replay|spool|kafka):'
            AND NOT EXISTS (SELECT FROM flow.ingest y
                            WHERE y.source = i.source
                            AND y.written >= pg_catalog.now() - older))
        RETURNING 1)
    SELECT count(*) FROM gone;
$$;

COMMENT ON FUNCTION flow.forget_ingest(interval) IS
'Removes from flow.ingest what nobody needs: the ranges of relations that are
no more, and those of watched files of which nothing was written or seen for so
long.  Files, spools and topics stay, however old: a file that is loaded again adds
nothing, and a collector that was silent goes on where it was.  Returns how many
ranges went.';

-------------------------------------------------------------------------
-- Rollups: what is kept, and what of it holds
-------------------------------------------------------------------------

CREATE TABLE flow.rollup (
    id regclass PRIMARY KEY,
    name text NOT NULL,
    relation regclass NOT NULL,
    time_column text NOT NULL,
    query text NOT NULL,
    dimensions text[] NOT NULL,
    measures text[] NOT NULL,
    counts text[] NOT NULL,
    raw_since timestamptz NOT NULL DEFAULT '-infinity',
    failures integer NOT NULL DEFAULT 0,
    retry_at timestamptz,
    error text
);
CREATE INDEX ON flow.rollup (relation);

COMMENT ON TABLE flow.rollup IS
'The rollups of the database; flow.rollups shows them.  Everybody may read it.
Dumped with the database, except for those of which the tables are no more.';
COMMENT ON COLUMN flow.rollup.id IS 'table of its finest level';
COMMENT ON COLUMN flow.rollup.name IS 'without the schema, which is that of its tables';
COMMENT ON COLUMN flow.rollup.relation IS 'the table that it is made of';
COMMENT ON COLUMN flow.rollup.query IS 'its definition when it was created';
COMMENT ON COLUMN flow.rollup.counts IS 'those measures that can be added up: count() and sum()';
COMMENT ON COLUMN flow.rollup.raw_since IS
'options of the table have removed rows before this time; buckets that begin
earlier stay as they are';

CREATE TABLE flow.rollup_level (
    rows regclass PRIMARY KEY,
    rollup regclass NOT NULL,
    reading regclass NOT NULL,
    step interval NOT NULL CHECK (step > interval '0'),
    keep interval,
    pending tstzmultirange NOT NULL DEFAULT '{[-infinity,infinity)}',
    noted timestamptz DEFAULT pg_catalog.clock_timestamp(),
    horizon timestamptz NOT NULL DEFAULT '-infinity',
    refreshed timestamptz,
    buckets bigint NOT NULL DEFAULT 0
);

COMMENT ON TABLE flow.rollup_level IS
'The levels of rollups.  For each bucket that is neither pending nor touched by
flow.rollup_change, the rows in table rows are what the definition gives for the
rows of the source, under the same snapshot.  Everybody may read it.';
COMMENT ON COLUMN flow.rollup_level.rows IS 'the table with the rolled rows';
COMMENT ON COLUMN flow.rollup_level.reading IS 'the view to be read';
COMMENT ON COLUMN flow.rollup_level.keep IS 'how long buckets are kept, NULL for ever';
COMMENT ON COLUMN flow.rollup_level.pending IS 'times, whole buckets, that are to be rolled (again)';
COMMENT ON COLUMN flow.rollup_level.noted IS 'since when some are';
COMMENT ON COLUMN flow.rollup_level.horizon IS 'buckets that begin earlier are kept no longer';
COMMENT ON COLUMN flow.rollup_level.buckets IS 'rows written by all refreshes';

SELECT pg_catalog.pg_extension_config_dump('flow.rollup',
    'WHERE id::oid IN (SELECT oid FROM pg_catalog.pg_class)');
SELECT pg_catalog.pg_extension_config_dump('flow.rollup_level',
    'WHERE rows::oid IN (SELECT oid FROM pg_catalog.pg_class)');

GRANT SELECT ON flow.rollup, flow.rollup_level TO PUBLIC;

-------------------------------------------------------------------------
-- Which buckets are touched
-------------------------------------------------------------------------

CREATE FUNCTION flow.rollup_span(step interval, since timestamptz, until timestamptz)
RETURNS tstzrange
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT pg_catalog.tstzrange(
        CASE WHEN since > '4700-01-01 00:00 UTC BC' THEN flow.time_bucket(step, since)
             ELSE '-infinity' END,
        CASE WHEN until < '290000-01-01 00:00 UTC'
             THEN flow.time_bucket(step, until - interval '1 microsecond') + step
             ELSE 'infinity' END);
END;

COMMENT ON FUNCTION flow.rollup_span(interval, timestamptz, timestamptz) IS
'The buckets of a fixed width that times from since to until (exclusive) fall in,
as a range from the start of the first to the end of the last.';

CREATE FUNCTION flow.rollup_slice(rows regclass)
RETURNS tstzmultirange
AS 'MODULE_PATHNAME', 'fs_rollup_slice'
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;

COMMENT ON FUNCTION flow.rollup_slice(regclass) IS
'The times that this session is just rolling up for this level, or NULL.  Also
makes the session''s own changes known to flow.rollup_change.';

CREATE FUNCTION flow.rollup_touched(rows regclass)
RETURNS tstzmultirange
LANGUAGE plpgsql STABLE STRICT PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    slice CONSTANT tstzmultirange := flow.rollup_slice(rows);
    result tstzmultirange;
BEGIN
    SELECT (coalesce(slice, l.pending + coalesce(c.changed, '{}')))
        * tstzmultirange(tstzrange(
            greatest(l.horizon, upper(flow.rollup_span(l.step, '-infinity',
                                                        greatest(r.raw_since, c.gone)))),
            'infinity'))
    INTO result
    FROM flow.rollup_level l
    JOIN flow.rollup r ON r.id = l.rollup
    CROSS JOIN LATERAL (
        SELECT range_agg(flow.rollup_span(l.step, c.since, c.until))
                   FILTER (WHERE NOT c.expired) AS changed,
               max(c.until) FILTER (WHERE c.expired) AS gone
        FROM flow.rollup_change c WHERE c.relation = r.relation) c
    WHERE l.rows = rollup_touched.rows;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'table "%" is not the level of a rollup', rows
            USING ERRCODE = 'undefined_object',
            HINT = 'Drop its view, or create the rollup again.';
    END IF;
    RETURN result;
END
$$;

COMMENT ON FUNCTION flow.rollup_touched(regclass) IS
'The buckets of a level for which its table does not hold, as seen by the
snapshot of the query: those that are pending and those that were changed since.
Older ones than the level or the source keep are not among them.  rows is the
level''s table; another one is an error (undefined_object).';

CREATE FUNCTION flow.rollup_first(rows regclass)
RETURNS timestamptz
LANGUAGE sql STABLE STRICT PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$ SELECT coalesce(lower(flow.rollup_touched(rows)), 'infinity') $$;

COMMENT ON FUNCTION flow.rollup_first(regclass) IS
'The start of the first of flow.rollup_touched(), infinity if there is none.';

CREATE FUNCTION flow.rollup_floor(rows regclass)
RETURNS timestamptz
LANGUAGE sql STABLE STRICT PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN flow.rollup_slice(l.rows) IS NULL THEN l.horizon ELSE 'infinity' END
    FROM flow.rollup_level l WHERE l.rows = rollup_floor.rows
$$;

COMMENT ON FUNCTION flow.rollup_floor(regclass) IS
'Buckets that begin earlier are not kept at this level; infinity while this
session rolls it up and wants fresh ones only.';

-------------------------------------------------------------------------
-- Rolling up; called by the library, with the rights of the extension
-------------------------------------------------------------------------

CREATE FUNCTION flow.rollup_gather(relation regclass, patient boolean)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    nlocked bigint;
    times tstzmultirange;
    expired_until timestamptz;
    is_needed boolean;
BEGIN
    IF patient THEN
        PERFORM FROM flow.rollup r WHERE r.relation = rollup_gather.relation
        ORDER BY r.id FOR UPDATE;
    ELSE
        SELECT count(*) INTO nlocked
        FROM (SELECT FROM flow.rollup r WHERE r.relation = rollup_gather.relation
              FOR UPDATE SKIP LOCKED) locked;
        IF nlocked < (SELECT count(*) FROM flow.rollup r
                      WHERE r.relation = rollup_gather.relation) THEN
            RETURN;
        END IF;
    END IF;

    WITH gone AS (
        DELETE FROM flow.rollup_change c
        WHERE c.ctid = ANY (ARRAY(SELECT d.ctid FROM flow.rollup_change d
                                  WHERE d.relation = rollup_gather.relation FOR UPDATE SKIP LOCKED))
        RETURNING c.since, c.until, c.expired)
    SELECT range_agg(tstzrange(g.since, g.until)) FILTER (WHERE NOT g.expired),
           max(g.until) FILTER (WHERE g.expired)
    INTO times, expired_until FROM gone g;

    UPDATE flow.rollup r SET raw_since = expired_until
    WHERE r.relation = rollup_gather.relation AND expired_until > r.raw_since;
    UPDATE flow.rollup_level l
    SET pending = l.pending + (SELECT range_agg(flow.rollup_span(l.step, lower(t.part), upper(t.part)))
                               FROM unnest(times) AS t(part)),
        noted = coalesce(l.noted, clock_timestamp())
    FROM flow.rollup r
    WHERE r.relation = rollup_gather.relation AND l.rollup = r.id AND NOT isempty(times);
    is_needed := FOUND;
    INSERT INTO flow.schedule_late (name, times)
    SELECT s.name, times FROM flow.scheduled s
    WHERE NOT isempty(times)
    AND (s.relation = rollup_gather.relation
         OR s.relation IN (SELECT a.relid FROM pg_partition_ancestors(rollup_gather.relation) a));
    IF is_needed AND FOUND THEN
        -- worker and scheduler, whoever of them we are not
        PERFORM flow.wake_worker();
    END IF;
END
$$;

COMMENT ON FUNCTION flow.rollup_gather(regclass, boolean) IS
'Moves what flow.rollup_change says of a table to the levels of its rollups and, for its
schedules, to flow.schedule_late, and locks these rollups to the end of the
transaction.  Unless it is patient, it does nothing if somebody else has locked one.';

CREATE FUNCTION flow.rollup_tidy()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = 0
AS $$
DECLARE
    source regclass;
BEGIN
    DELETE FROM flow.rollup_level l
    WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = l.rows);
    FOR source IN
        SELECT r.relation FROM flow.rollup r GROUP BY r.relation
        HAVING NOT EXISTS (SELECT FROM flow.rollup o JOIN flow.rollup_level l ON l.rollup = o.id
                           WHERE o.relation = r.relation)
    LOOP
        -- it needs no log any more; if it is busy, later
        BEGIN
            SET LOCAL lock_timeout = '100ms';
            IF NOT flow.is_scheduled(source) THEN
                PERFORM flow.unwatch(source);
            END IF;
            DELETE FROM flow.rollup r WHERE r.relation = source
            AND NOT EXISTS (SELECT FROM flow.rollup_level l WHERE l.rollup = r.id);
        EXCEPTION WHEN lock_not_available THEN
            NULL;
        END;
    END LOOP;
    DELETE FROM flow.rollup r
    WHERE NOT EXISTS (SELECT FROM flow.rollup_level l WHERE l.rollup = r.id)
    AND EXISTS (SELECT FROM flow.rollup_level l JOIN flow.rollup o ON o.id = l.rollup
                WHERE o.relation = r.relation);
    DELETE FROM flow.rollup_change c
    WHERE NOT EXISTS (SELECT FROM flow.rollup r WHERE r.relation = c.relation)
    AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.relation
                    AND t.tgfoid = 'flow.rollup_watch()'::regprocedure);
    FOR source IN SELECT DISTINCT c.relation FROM flow.rollup_change c
                  JOIN flow.rollup r ON r.relation = c.relation LOOP
        PERFORM flow.rollup_gather(source, false);
    END LOOP;
END
$$;

COMMENT ON FUNCTION flow.rollup_tidy() IS
'What the worker does first: forgets rollups of which the tables were dropped, and
gathers changes.';

CREATE FUNCTION flow.rollup_due(OUT rows regclass, OUT at timestamptz)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT l.rows, greatest(l.noted + least(l.step, interval '1 hour'), r.retry_at)
    FROM flow.rollup_level l JOIN flow.rollup r ON r.id = l.rollup
    WHERE l.noted IS NOT NULL
    AND EXISTS (SELECT FROM pg_class c WHERE c.oid = r.relation)
    ORDER BY 2
$$;

COMMENT ON FUNCTION flow.rollup_due() IS
'When which level is to be rolled up.  A level waits a step of its own, an hour at
most, after the first change, so a bucket is rolled once when it is over, and
once more for late rows, not with every insert.';

CREATE FUNCTION flow.rollup_next(rows regclass, since timestamptz, until timestamptz)
RETURNS tstzrange
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.part FROM flow.rollup_level l
    CROSS JOIN LATERAL unnest(l.pending * tstzmultirange(flow.rollup_span(l.step, since, until))) AS p(part)
    WHERE l.rows = rollup_next.rows
    ORDER BY p.part DESC LIMIT 1
$$;

COMMENT ON FUNCTION flow.rollup_next(regclass, timestamptz, timestamptz) IS
'The latest times that are pending at a level between since and until, or NULL.';

CREATE FUNCTION flow.rollup_claim(rows regclass, part tstzrange, newest timestamptz)
RETURNS tstzmultirange
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    step interval;
    slice tstzmultirange;
BEGIN
    SELECT l.step INTO step FROM flow.rollup_level l WHERE l.rows = rollup_claim.rows;
    slice := tstzmultirange(part);
    IF isfinite(newest) AND newest > '4700-01-01 00:00 UTC BC' THEN
        slice := slice * tstzmultirange(tstzrange(
            flow.time_bucket(step, newest - greatest(60 * step, interval '1 hour')), 'infinity'));
    END IF;
    UPDATE flow.rollup_level l SET pending = l.pending - slice
    WHERE l.rows = rollup_claim.rows;
    RETURN slice;
END
$$;

COMMENT ON FUNCTION flow.rollup_claim(regclass, tstzrange, timestamptz) IS
'Takes times from what is pending at a level: of part those from 60 steps, or an
hour, before newest on, which is the latest row in it; all of part if there is no such row.';

CREATE FUNCTION flow.rollup_finish(rows regclass, buckets bigint, newest timestamptz)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE flow.rollup_level l
    SET refreshed = clock_timestamp(),
        buckets = l.buckets + rollup_finish.buckets,
        horizon = greatest(l.horizon, flow.time_bucket(l.step, newest - l.keep)),
        pending = l.pending * tstzmultirange(tstzrange(
            greatest(l.horizon, flow.time_bucket(l.step, newest - l.keep)), 'infinity'))
    WHERE l.rows = rollup_finish.rows;
    UPDATE flow.rollup_level l SET noted = NULL
    WHERE l.rows = rollup_finish.rows AND isempty(l.pending) AND l.noted IS NOT NULL;
    UPDATE flow.rollup r SET failures = 0, retry_at = NULL, error = NULL
    FROM flow.rollup_level l
    WHERE l.rows = rollup_finish.rows AND r.id = l.rollup AND r.failures > 0;
$$;

COMMENT ON FUNCTION flow.rollup_finish(regclass, bigint, timestamptz) IS
'Notes that a level was rolled up: how many rows were written, and the latest of
their buckets, from which its age limit is counted.';

CREATE FUNCTION flow.rollup_failed(rows regclass, error text)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE flow.rollup r SET failures = r.failures + 1, error = rollup_failed.error,
        retry_at = clock_timestamp() + least(power(2, least(r.failures, 10)) * interval '5 s',
                                             interval '10 min')
    FROM flow.rollup_level l WHERE l.rows = rollup_failed.rows AND r.id = l.rollup;
$$;

COMMENT ON FUNCTION flow.rollup_failed(regclass, text) IS
'Notes an error that rolling up has met; the next attempt is made after a pause
that doubles, from 5 seconds to 10 minutes.';

CREATE FUNCTION flow.rollup_statements(rows regclass, OUT newest text, OUT refresh text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('SELECT max(%I) FROM ONLY %s WHERE %1$I >= $1 AND %1$I < $2',
               r.time_column, r.relation),
        format('WITH gone AS (DELETE FROM %1$s t WHERE t.bucket >= (SELECT flow.rollup_first(%2$L))'
               ' AND t.bucket <@ (SELECT flow.rollup_touched(%2$L))),'
               ' made AS (INSERT INTO %1$s SELECT * FROM %3$s RETURNING bucket)'
               ' SELECT count(*), max(bucket) FILTER (WHERE bucket <= now() AND isfinite(bucket)) FROM made',
               l.rows, l.rows::regclass::text, l.reading)
    FROM flow.rollup_level l JOIN flow.rollup r ON r.id = l.rollup
    WHERE l.rows = rollup_statements.rows
$$;

COMMENT ON FUNCTION flow.rollup_statements(regclass) IS
'What rolling up a level executes as its owner: the time of the latest row
between $1 and $2, and the exchange of the rows of a slice.';

CREATE FUNCTION flow.rollup_enter(rows regclass, reading regclass, step interval, keep interval, rollup jsonb)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO flow.rollup (id, name, relation, time_column, query, dimensions, measures, counts)
    SELECT (rollup ->> 'id')::oid, rollup ->> 'name', (rollup ->> 'relation')::oid,
        rollup ->> 'time_column', rollup ->> 'query',
        ARRAY(SELECT jsonb_array_elements_text(rollup -> 'dimensions')),
        ARRAY(SELECT jsonb_array_elements_text(rollup -> 'measures')),
        ARRAY(SELECT jsonb_array_elements_text(rollup -> 'counts'))
    ON CONFLICT DO NOTHING;
    INSERT INTO flow.rollup_level (rows, rollup, reading, step, keep)
    VALUES (rows, (rollup ->> 'id')::oid, reading, step, keep);
END
$$;

CREATE FUNCTION flow.rollup_forget(rows regclass)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    DELETE FROM flow.rollup_level l WHERE l.rows = rollup_forget.rows;
    DELETE FROM flow.rollup r
    WHERE NOT EXISTS (SELECT FROM flow.rollup_level l WHERE l.rollup = r.id);
$$;

CREATE FUNCTION flow.rollup_add(rows regclass, since timestamptz, until timestamptz)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT flow.rollup_gather(r.relation, true)
    FROM flow.rollup_level l JOIN flow.rollup r ON r.id = l.rollup
    WHERE l.rows = rollup_add.rows;
    UPDATE flow.rollup_level l
    SET pending = l.pending + tstzmultirange(flow.rollup_span(l.step, since, until)),
        noted = coalesce(l.noted, clock_timestamp())
    WHERE l.rows = rollup_add.rows
$$;

COMMENT ON FUNCTION flow.rollup_enter(regclass, regclass, interval, interval, jsonb) IS
'Notes a new level, and its rollup with the first.';
COMMENT ON FUNCTION flow.rollup_forget(regclass) IS
'Forgets a level, and its rollup with the last.';
COMMENT ON FUNCTION flow.rollup_add(regclass, timestamptz, timestamptz) IS
'Has the buckets between since and until rolled up again at a level.';

REVOKE ALL ON FUNCTION flow.rollup_gather(regclass, boolean), flow.rollup_tidy(),
    flow.rollup_claim(regclass, tstzrange, timestamptz),
    flow.rollup_finish(regclass, bigint, timestamptz), flow.rollup_failed(regclass, text),
    flow.rollup_enter(regclass, regclass, interval, interval, jsonb),
    flow.rollup_forget(regclass), flow.rollup_add(regclass, timestamptz, timestamptz)
FROM PUBLIC;

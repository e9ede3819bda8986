-------------------------------------------------------------------------
-- When each address was seen
-------------------------------------------------------------------------

CREATE TABLE flow.host_day (
    relation regclass NOT NULL,
    day timestamp with time zone NOT NULL,
    ip inet NOT NULL,
    first_seen timestamp with time zone NOT NULL,
    last_seen timestamp with time zone NOT NULL,
    flows bigint NOT NULL,
    PRIMARY KEY (relation, day, ip)
);

CREATE INDEX ON flow.host_day (ip);

COMMENT ON TABLE flow.host_day IS
'Which addresses had flows on which day (UTC), as source or destination;
flow.watch_hosts and flow.update_host_seen keep it.';
COMMENT ON COLUMN flow.host_day.flows IS 'rows with it at either end';

CREATE TABLE flow.host_done (
    relation regclass NOT NULL,
    day timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    PRIMARY KEY (relation, day)
);

COMMENT ON TABLE flow.host_done IS
'For each day of flow.host_day: it counts the rows of that day before until.  The row
with day -infinity is locked by who changes any of a table.';

SELECT pg_catalog.pg_extension_config_dump('flow.host_day',
    'WHERE relation::oid IN (SELECT oid FROM pg_catalog.pg_class)');
SELECT pg_catalog.pg_extension_config_dump('flow.host_done',
    'WHERE relation::oid IN (SELECT oid FROM pg_catalog.pg_class)');

-- Who may read the whole table may read its addresses; who owns it, write them.
ALTER TABLE flow.host_day ENABLE ROW LEVEL SECURITY;
ALTER TABLE flow.host_done ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader ON flow.host_day FOR SELECT
    USING (relation::oid IN (SELECT c.oid FROM pg_catalog.pg_class c
                             WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
                             AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
                             AND NOT pg_catalog.row_security_active(c.oid)));
CREATE POLICY owner ON flow.host_day
    USING (relation::oid IN (SELECT c.oid FROM pg_catalog.pg_class c
                             WHERE pg_catalog.pg_has_role(c.relowner, 'USAGE')));
CREATE POLICY owner ON flow.host_done
    USING (relation::oid IN (SELECT c.oid FROM pg_catalog.pg_class c
                             WHERE pg_catalog.pg_has_role(c.relowner, 'USAGE')));

CREATE VIEW flow.host_seen WITH (security_invoker = true) AS
SELECT relation, ip, min(first_seen) AS first_seen, max(last_seen) AS last_seen,
       sum(flows)::bigint AS flows, count(*) AS days
FROM flow.host_day GROUP BY relation, ip;

COMMENT ON VIEW flow.host_seen IS
'First and last time of each address, its flows and days with flows, as
flow.watch_hosts and flow.update_host_seen have found them, also of flows that have
expired since.  Everybody may ask, and sees the addresses of tables of which he may read
all rows and columns: SELECT on the table, without row security of his.';

GRANT SELECT ON flow.host_day, flow.host_seen TO PUBLIC;

CREATE FUNCTION flow.count_hosts(
    relation regclass, since timestamp with time zone, until timestamp with time zone,
    columns jsonb, adds boolean)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    written bigint;
BEGIN
    EXECUTE format(
        'WITH n AS MATERIALIZED (
            SELECT day, ip, min(first) AS first, max(last) AS last, sum(flows) AS flows
            FROM (SELECT date_bin(''1 day'', ts, ''2000-01-01 00:00+00'') AS day, src_addr AS ip,
                         min(ts) AS first, max(ts) AS last, count(*) AS flows
                  FROM (%1$s) f WHERE ts >= $2 AND ts < $3 GROUP BY 1, 2
                  UNION ALL
                  SELECT date_bin(''1 day'', ts, ''2000-01-01 00:00+00''), dst_addr, min(ts), max(ts), count(*)
                  FROM (%1$s) f WHERE ts >= $2 AND ts < $3 AND dst_addr IS DISTINCT FROM src_addr GROUP BY 1, 2) e
            WHERE ip IS NOT NULL GROUP BY 1, 2),
        gone AS (
            DELETE FROM flow.host_day d
            WHERE NOT $4 AND d.relation = $1 AND d.day IN (SELECT n.day FROM n)
            AND NOT EXISTS (SELECT FROM n WHERE n.day = d.day AND n.ip = d.ip))
        INSERT INTO flow.host_day AS d SELECT $1, n.* FROM n
        ON CONFLICT (relation, day, ip) DO UPDATE
        SET first_seen = least(excluded.first_seen, CASE WHEN $4 THEN d.first_seen END),
            last_seen = greatest(excluded.last_seen, CASE WHEN $4 THEN d.last_seen END),
            flows = excluded.flows + CASE WHEN $4 THEN d.flows ELSE 0 END',
        flow.source_query(relation, '{ts,src_addr,dst_addr}', columns))
    USING relation, since, until, adds;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END
$$;

COMMENT ON FUNCTION flow.count_hosts(regclass, timestamp with time zone, timestamp with time zone, jsonb, boolean) IS
'Counts the addresses of rows in [since, until), days of UTC apart, into flow.host_day:
adds to what is there, or replaces it on all days that have such rows.  Part of
flow.update_host_seen and flow.host_seen_run.';

CREATE FUNCTION flow.lock_hosts(relation regclass)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO flow.host_done AS d (relation, day, until)
    VALUES (lock_hosts.relation, '-infinity', '-infinity')
    ON CONFLICT ON CONSTRAINT host_done_pkey DO UPDATE SET until = excluded.until
$$;

COMMENT ON FUNCTION flow.lock_hosts(regclass) IS
'Waits for whoever else counts addresses of a table, and keeps him out to the end of
the transaction.';

CREATE FUNCTION flow.update_host_seen_in(
    relation regclass, since timestamp with time zone, until timestamp with time zone,
    columns jsonb)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
#variable_conflict use_column
DECLARE
    written bigint;
BEGIN
    SELECT date_bin('1 day', t.since, '2000-01-01 00:00+00'),
           date_bin('1 day', t.until - interval '1 us', '2000-01-01 00:00+00') + interval '1 day'
    INTO since, until FROM flow.time_range(since, until, interval '1 day') t;
    PERFORM flow.lock_hosts(relation);
    written := flow.count_hosts(relation, since, until, columns, false);
    INSERT INTO flow.host_done AS d (relation, day, until)
    SELECT DISTINCT h.relation, h.day, h.day + interval '1 day' FROM flow.host_day h
    WHERE h.relation = update_host_seen_in.relation
    AND h.day >= update_host_seen_in.since AND h.day < update_host_seen_in.until
    ON CONFLICT ON CONSTRAINT host_done_pkey DO UPDATE SET until = excluded.until;
    RETURN written;
END
$$;

COMMENT ON FUNCTION flow.update_host_seen_in(regclass, timestamp with time zone, timestamp with time zone, jsonb) IS
'part of flow.update_host_seen; not to be called';

CREATE FUNCTION flow.update_host_seen(
    relation regclass DEFAULT NULL, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, columns jsonb DEFAULT NULL)
RETURNS bigint
LANGUAGE sql
BEGIN ATOMIC
    SELECT flow.update_host_seen_in(flow.relation(relation), since, until, columns);
END;

COMMENT ON FUNCTION flow.update_host_seen(regclass, timestamp with time zone, timestamp with time zone, jsonb) IS
'Brings flow.host_seen up to date with the days (UTC) that [since, until) touches, by
default the last one or two, now; returns how many addresses of days were written.
flow.watch_hosts does that by itself.  Once more with the same rows changes nothing; late
and deleted rows count as they are now.  Days without any row in relation stay as they
were: rows expire, what was seen does not.  Needs SELECT on relation, and what
flow.grant_schedules() gives; who bypasses no row level security must own the table.';

CREATE FUNCTION flow.host_seen_run(
    relation regclass, since timestamp with time zone, until timestamp with time zone,
    columns jsonb)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
#variable_conflict use_column
DECLARE
    midnight timestamptz := date_bin('1 day', since, '2000-01-01 00:00+00');
    done timestamptz;
    first timestamptz;
    last timestamptz;
    written bigint := 0;
BEGIN
    -- no span of a schedule is longer
    IF (isfinite(since) AND isfinite(until) AND until <= since + interval '3660 days') IS NOT TRUE THEN
        RAISE EXCEPTION 'times must be finite, and at most 3660 days'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM flow.lock_hosts(relation);
    WHILE midnight < until LOOP
        SELECT d.until INTO done FROM flow.host_done d
        WHERE d.relation = host_seen_run.relation AND d.day = midnight;
        first := greatest(since, midnight);
        last := least(until, midnight + interval '1 day');
        IF done IS DISTINCT FROM first THEN
            -- rows came late, or buckets were left out: the day anew
            first := midnight;
            last := greatest(last, done);
        END IF;
        written := written + flow.count_hosts(relation, first, last, columns, first > midnight);
        INSERT INTO flow.host_done AS d (relation, day, until)
        VALUES (host_seen_run.relation, midnight, last)
        ON CONFLICT ON CONSTRAINT host_done_pkey DO UPDATE SET until = excluded.until;
        midnight := midnight + interval '1 day';
    END LOOP;
    RETURN written;
END
$$;

COMMENT ON FUNCTION flow.host_seen_run(regclass, timestamp with time zone, timestamp with time zone, jsonb) IS
'What the schedule of flow.watch_hosts runs for each bucket: adds its rows to the day if
those before it are counted and these are not, else counts the day anew.  So the
cost of a bucket is that of its rows, or of a day if rows came late.  Times without end,
or of more than 3660 days, are an error (invalid_parameter_value).';

CREATE FUNCTION flow.watch_hosts_of(
    relation regclass, history interval, every interval, columns jsonb)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    today CONSTANT timestamptz := date_bin('1 day', flow.now(), '2000-01-01 00:00+00');
    first timestamptz;
    source text;
    own text;
BEGIN
    IF history IS NULL OR history < interval '0' THEN
        RAISE EXCEPTION 'history must not be negative' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF every IS NULL OR every < interval '1 min' OR NOT flow.is_fixed(every, '1 min', '1 day')
       OR mod(86400, extract(epoch FROM every)) <> 0 THEN
        RAISE EXCEPTION 'every must be a fraction of a day' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Examples are 1 min, 10 min and 24:00.';
    END IF;
    PERFORM flow.source_query(relation, '{ts,src_addr,dst_addr}', columns);
    SELECT format('%I.%I', n.nspname, c.relname) INTO source
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation;
    own := 'hosts of ' || source;
    IF NOT EXISTS (SELECT FROM flow.scheduled s WHERE s.name = own) THEN
        first := date_bin('1 day', today - least(history, interval '2 days'), '2000-01-01 00:00+00');
        IF today - history < first THEN
            PERFORM flow.update_host_seen_in(relation, today - history, first, columns);
        END IF;
    END IF;
    PERFORM flow.schedule(own,
        format('SELECT FROM flow.host_seen_run(%L, $1, $2, %L) n WHERE n < 0', source, columns),
        every, relation, severity => 'info', since => first, catch_up => '3 days',
        timeout => '10 min', settle => '1 h', search_path => 'pg_catalog, pg_temp',
        columns => columns);
    RETURN own;
END
$$;

COMMENT ON FUNCTION flow.watch_hosts_of(regclass, interval, interval, jsonb) IS
'part of flow.watch_hosts; not to be called';

CREATE FUNCTION flow.watch_hosts(
    relation regclass DEFAULT NULL, history interval DEFAULT '30 days',
    every interval DEFAULT '10 min', columns jsonb DEFAULT NULL)
RETURNS text
LANGUAGE sql
BEGIN ATOMIC
    SELECT flow.watch_hosts_of(flow.relation(relation), history, every, columns);
END;

COMMENT ON FUNCTION flow.watch_hosts(regclass, interval, interval, jsonb) IS
'Keeps flow.host_seen from now on, by a schedule: each bucket of every (a fraction of a
day) is counted a minute after its end; late, deleted and changed rows of the last two
days are counted an hour after they were noticed, as with any schedule (flow.schedule,
flow.watch_changes).  The addresses of history up to two days ago are counted at once.  Gives
the name of the schedule; flow.unschedule() of it ends the watch, and what was seen
stays.  The table must keep rows for more than four days, or what they leave in a day
takes the place of what was seen on it.  For the owner of the table who may schedule
(flow.grant_schedules).  Who may read what was seen: flow.host_seen.  A negative
history, or an every that does not divide the day, is an error (invalid_parameter_value);
others are those of flow.schedule and flow.source_query.';

CREATE FUNCTION flow.first_seen(
    relation regclass DEFAULT NULL, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, span interval DEFAULT '24 hours',
    internal boolean DEFAULT false)
RETURNS SETOF flow.finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT flow.severity 'info', s.flows::double precision, 'first_seen'::text, CASE WHEN internal THEN s.ip END,
           CASE WHEN NOT internal THEN s.ip END, NULL::integer, s.first_seen, s.last_seen, s.flows, NULL::bigint,
           jsonb_build_object('days', s.days)
    FROM flow.time_range(first_seen.since, first_seen.until, first_seen.span) t, flow.host_seen s
    WHERE s.relation = flow.relation(first_seen.relation)
    AND s.first_seen >= t.since AND s.first_seen < t.until
    AND flow.is_internal(s.ip) = first_seen.internal
    ORDER BY s.first_seen DESC, s.ip;
END;

COMMENT ON FUNCTION flow.first_seen(regclass, timestamp with time zone, timestamp with time zone, interval, boolean) IS
'The outside hosts (as dst_addr), or with internal the inside ones (as src_addr), that
flow.host_seen knows first from [since, until), newest first; score: rows.
Severity: info.  flow.watch_hosts(relation), called once, keeps what it reads; who sees which
addresses: flow.host_seen.';

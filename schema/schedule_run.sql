-------------------------------------------------------------------------
-- Schedules: running what is due
-------------------------------------------------------------------------

CREATE FUNCTION flow.schedule_times(OUT name text, OUT at timestamp with time zone)
RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.name, greatest(t.retry_at,
                            least(t.done_until + s.every + s.delay,
                                  (SELECT min(d.retry_at) FROM flow.schedule_todo d
                                   WHERE d.name = s.name)))
    FROM flow.scheduled s JOIN flow.schedule_state t ON t.name = s.name;
END;

COMMENT ON FUNCTION flow.schedule_times() IS
'When each schedule has something to run next; a time of the past: it is due.';

CREATE FUNCTION flow.take_run(
    INOUT name text, OUT owner oid, OUT query text, OUT since timestamp with time zone,
    OUT until timestamp with time zone, OUT timeout_ms bigint, OUT severity text,
    OUT search_path text, OUT time_zone text, OUT default_table text)
RETURNS record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    present CONSTANT timestamptz := flow.now();
    wanted CONSTANT text := name;
    candidate text;
    s flow.scheduled;
    t flow.schedule_state;
    skipped bigint;
    gone bigint;
BEGIN
    FOR candidate IN SELECT c.name FROM flow.schedule_times() c
                     WHERE c.at <= present AND (wanted IS NULL OR c.name = wanted)
                     ORDER BY c.at, c.name
    LOOP
        SELECT * INTO t FROM flow.schedule_state x WHERE x.name = candidate
        FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        SELECT * INTO s FROM flow.scheduled x WHERE x.name = candidate;
        CONTINUE WHEN NOT FOUND;

        -- what is too old is given up
        skipped := greatest(0, floor(extract(epoch FROM present - s.catch_up - t.done_until)
                                 / extract(epoch FROM s.every)));
        DELETE FROM flow.schedule_todo d
        WHERE d.name = candidate AND d.reason = 'failed' AND d.until <= present - s.catch_up;
        GET DIAGNOSTICS gone = ROW_COUNT;
        IF skipped + gone > 0 THEN
            UPDATE flow.schedule_state x
            SET done_until = x.done_until + skipped * s.every, missed = x.missed + skipped + gone
            WHERE x.name = candidate RETURNING * INTO t;
        END IF;

        CONTINUE WHEN t.retry_at > present;
        until := t.done_until + s.every;
        IF until + s.delay > present THEN
            SELECT d.until INTO until FROM flow.schedule_todo d
            WHERE d.name = candidate AND d.retry_at <= present
            ORDER BY d.attempts, d.until LIMIT 1;
            CONTINUE WHEN NOT FOUND;
        END IF;
        name := s.name;
        owner := s.owner;
        query := s.query;
        since := until - s.span;
        timeout_ms := ceil(extract(epoch FROM s.timeout) * 1000);
        severity := s.severity;
        search_path := s.search_path;
        time_zone := s.time_zone;
        default_table := s.default_table;
        RETURN;
    END LOOP;
    name := NULL;
    until := NULL;
END
$$;

COMMENT ON FUNCTION flow.take_run(text) IS
'The bucket that is to run next, of the schedule of this name (NULL: of any), whose row in
flow.schedule_state is locked until the transaction ends; NULLs if none is due.
First those that have never run, in order of time, then those of flow.schedule_todo.';

CREATE FUNCTION flow.end_run(name text, until timestamp with time zone, took interval,
    alerts bigint, error text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    present CONSTANT timestamptz := flow.now();
BEGIN
    IF end_run.error IS NULL THEN
        DELETE FROM flow.schedule_todo d
        WHERE d.name = end_run.name AND d.until = end_run.until;
    ELSE
        INSERT INTO flow.schedule_todo AS d (name, until, reason, attempts, retry_at, error)
        VALUES (end_run.name, end_run.until, 'failed', 1, present + flow.pause(1), end_run.error)
        ON CONFLICT (name, until) DO UPDATE SET
            reason = CASE d.reason WHEN 'asked' THEN 'asked' ELSE 'failed' END,
            attempts = d.attempts + 1, retry_at = present + flow.pause(d.attempts + 1),
            error = excluded.error;
    END IF;
    UPDATE flow.schedule_state t SET
        done_until = greatest(t.done_until, end_run.until),
        runs = t.runs + 1, alerts = t.alerts + end_run.alerts,
        last_run = clock_timestamp(), last_took = end_run.took,
        failures = CASE WHEN end_run.error IS NULL THEN 0 ELSE t.failures + 1 END,
        retry_at = CASE WHEN end_run.error IS NULL THEN timestamptz '-infinity'
                        ELSE present + flow.pause(t.failures + 1) END,
        error = coalesce(end_run.error, t.error),
        error_at = CASE WHEN end_run.error IS NULL THEN t.error_at ELSE clock_timestamp() END
    WHERE t.name = end_run.name;
END
$$;

COMMENT ON FUNCTION flow.end_run(text, timestamp with time zone, interval, bigint, text) IS
'Notes that a bucket has run, or has failed if error is not NULL.  In the transaction
of flow.take_run().';

CREATE FUNCTION flow.pause(failures integer)
RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT least(interval '5 s' * (2.0 ^ least(pause.failures - 1, 20))::double precision,
                 interval '10 min');
END;

COMMENT ON FUNCTION flow.pause(integer) IS
'How long to wait after so many failures in a row: 5 seconds, doubled each time, up to
10 minutes.';

CREATE FUNCTION flow.alerts_from(found jsonb, rule text, severity flow.severity,
    since timestamp with time zone)
RETURNS TABLE (ts timestamp with time zone, rule_out text, severity_out flow.severity,
    score double precision, src_addr inet, dst_addr inet, dst_port integer, dedup_key text,
    evidence jsonb)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT coalesce((found ->> 'first_seen')::timestamptz, (found ->> 'ts')::timestamptz,
                    alerts_from.since),
           r.rule, coalesce(lower(found ->> 'severity')::flow.severity, alerts_from.severity),
           (found ->> 'score')::float8, (found ->> 'src_addr')::inet,
           (found ->> 'dst_addr')::inet, (found ->> 'dst_port')::integer,
           coalesce(found ->> 'dedup_key',
                    flow.alert_key(r.rule, (found ->> 'src_addr')::inet,
                                   (found ->> 'dst_addr')::inet, (found ->> 'dst_port')::integer)),
           CASE WHEN jsonb_typeof(found -> 'evidence') = 'object'
                THEN (found - o.own - 'evidence'::text) || (found -> 'evidence')
                ELSE found - o.own END
    FROM (SELECT coalesce(nullif(found ->> 'rule', ''), alerts_from.rule)) r(rule),
         (SELECT ARRAY['first_seen', 'ts', 'rule', 'severity', 'score', 'src_addr', 'dst_addr',
                       'dst_port', 'dedup_key']) o(own);
END;

COMMENT ON FUNCTION flow.alerts_from(jsonb, text, flow.severity, timestamp with time zone) IS
'The alert that a row of a detection makes, by column name: see flow.schedule().  What
is no address, number, time or severity is an error of the cast.';

CREATE FUNCTION flow.run_schedules(
    INOUT name text DEFAULT NULL, OUT since timestamp with time zone,
    OUT until timestamp with time zone, OUT alerts bigint, OUT error text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'fs_run_schedules'
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 10;

COMMENT ON FUNCTION flow.run_schedules(text) IS
'Runs all buckets that are due, of the schedule of this name (NULL: of all of whose
owners the caller has the privileges), as the background worker does, but in this
transaction, without their timeout and with flow.now() as the present.  One row for each:
the times that it looked at, how many alerts it added, or its error, which costs
nothing but this bucket.  Others that are being run are left out.  Not at
REPEATABLE READ and above (active_sql_transaction).';

CREATE VIEW flow.schedules WITH (security_invoker = true) AS
SELECT s.name, s.owner, s.relation, s.every, s.span, s.severity, t.done_until,
       flow.now() - t.done_until AS lag, t.last_run, t.last_took, n.at AS next_run,
       (SELECT count(*) FROM flow.schedule_todo d
        WHERE d.name = s.name AND d.reason <> 'failed') AS again,
       (SELECT count(*) FROM flow.schedule_todo d
        WHERE d.name = s.name AND d.reason = 'failed') AS failed,
       t.missed, t.runs, t.alerts, t.failures, t.error, t.error_at, s.query,
       coalesce((SELECT bool_and(w.is_watched) FROM flow.watch_parts(s.relation) w
                 WHERE w.kind <> 'p'), false) AS watched
FROM flow.scheduled s
JOIN flow.schedule_state t ON t.name = s.name
JOIN flow.schedule_times() n ON n.name = s.name;

COMMENT ON VIEW flow.schedules IS
'Schedules of whose owners one has the privileges: up to which time they have run and how
long ago that is (lag, at rest at most every + delay), the last run and the next, how
many buckets are to run again (again, and failed for those that failed), how
many were given up (missed); and in all: runs, alerts, failures since the last success, the last
error, which stays.  Watched: late rows are noticed (flow.schedule, flow.watch_changes).';

CREATE FUNCTION flow.schedule_status()
RETURNS TABLE (name text, owner regrole, relation regclass, every interval, done_until timestamp with time zone,
    behind interval, last_run timestamp with time zone, last_took interval, next_run timestamp with time zone,
    again bigint, failed bigint, missed bigint, runs bigint, alerts bigint, failures integer, error text,
    error_at timestamp with time zone)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.name, s.owner, s.relation, s.every, v.done_until,
           greatest(v.lag - s.every - s.delay, interval '0'), v.last_run, v.last_took, v.next_run, v.again, v.failed,
           v.missed, v.runs, v.alerts, v.failures, v.error, v.error_at
    FROM flow.scheduled s JOIN flow.schedules v ON v.name = s.name ORDER BY s.name
$$;

COMMENT ON FUNCTION flow.schedule_status() IS
'flow.schedules of all owners, without their queries, for pg_monitor; behind is by how much each is later than it
is at rest.';

REVOKE ALL ON FUNCTION flow.schedule_status() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION flow.schedule_status() TO pg_monitor;

CREATE FUNCTION flow.grant_alerts(role regrole)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = role) THEN
        RAISE EXCEPTION 'role % does not exist', coalesce(role::text, 'NULL')
            USING ERRCODE = 'undefined_object';
    END IF;
    EXECUTE format('GRANT SELECT ON flow.alert, flow.alert_allow, flow.alert_acknowledged, '
                   'flow.alerts_judged, flow.alerts, flow.alerts_allowed TO %s', role);
END
$$;

COMMENT ON FUNCTION flow.grant_alerts(regrole) IS
'Lets a role read alerts: SELECT on flow.alert, flow.alert_allow,
flow.alert_acknowledged and their views.  For who may grant that.  To raise, allow
and acknowledge alerts is more: INSERT on these tables, UPDATE on the last.';

CREATE FUNCTION flow.grant_schedules(role regrole)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM flow.grant_alerts(role);
    EXECUTE format('GRANT INSERT ON flow.alert TO %s', role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON flow.scheduled, flow.schedule_state, '
                   'flow.schedule_todo, flow.host_day, flow.host_done TO %s', role);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON flow.collector_health, flow.exporter_health, '
                   'flow.table_health, flow.column_health, flow.worker_health TO %s', role);
    EXECUTE format('GRANT SELECT ON flow.schedules TO %s', role);
END
$$;

COMMENT ON FUNCTION flow.grant_schedules(regrole) IS
'Lets a role schedule detections: what flow.grant_alerts() gives, INSERT on flow.alert,
SELECT on flow.schedules, SELECT, INSERT, UPDATE and DELETE on the tables of
schedules, where row level security shows it its own, and on those of flow.watch_hosts,
where it shows those of its tables, SELECT, INSERT and DELETE on those of
flow.watch_health.  For who may grant that.  What the
role schedules runs with its own privileges.  Schedules of a database run one after
the other, each for timeout at most: give this to those who may.';

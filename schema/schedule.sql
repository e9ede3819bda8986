-------------------------------------------------------------------------
-- Schedules: detections that run once for each bucket of time
-------------------------------------------------------------------------

CREATE FUNCTION flow.is_fixed(value interval, smallest interval, largest interval)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT extract(year FROM value) = 0 AND extract(month FROM value) = 0
        AND extract(day FROM value) = 0 AND value >= smallest AND value <= largest;
END;

COMMENT ON FUNCTION flow.is_fixed(interval, interval, interval) IS
'Whether an interval has neither months nor days, and lies between the two others.';

CREATE TABLE flow.scheduled (
    name text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 200),
    owner regrole NOT NULL,
    query text NOT NULL,
    relation regclass NOT NULL,
    every interval NOT NULL CHECK (flow.is_fixed(every, '1 s', '366 days')),
    span interval NOT NULL CHECK (flow.is_fixed(span, '1 s', '3660 days')),
    delay interval NOT NULL CHECK (flow.is_fixed(delay, '0', '366 days')),
    settle interval NOT NULL CHECK (flow.is_fixed(settle, '0', '366 days')),
    catch_up interval NOT NULL CHECK (flow.is_fixed(catch_up, '1 s', '36600 days')),
    timeout interval NOT NULL CHECK (flow.is_fixed(timeout, '1 ms', '1 day')),
    severity flow.severity NOT NULL,
    search_path text NOT NULL,
    time_zone text NOT NULL,
    default_table text NOT NULL
);

COMMENT ON TABLE flow.scheduled IS
'What flow.schedule() was told.  Rows belong to their owner: others neither see nor
change them, whatever they may do with the table (row level security, and a trigger).';

CREATE TABLE flow.schedule_state (
    name text PRIMARY KEY,
    begins timestamp with time zone NOT NULL CHECK (begins BETWEEN '1900-01-01' AND '2900-01-01'),
    done_until timestamp with time zone NOT NULL
        CHECK (done_until BETWEEN '1900-01-01' AND '2900-01-01'),
    runs bigint NOT NULL DEFAULT 0 CHECK (runs BETWEEN 0 AND 1e15),
    alerts bigint NOT NULL DEFAULT 0 CHECK (alerts BETWEEN 0 AND 1e15),
    missed bigint NOT NULL DEFAULT 0 CHECK (missed BETWEEN 0 AND 1e15),
    failures integer NOT NULL DEFAULT 0 CHECK (failures BETWEEN 0 AND 1e9),
    retry_at timestamp with time zone NOT NULL DEFAULT '-infinity',
    last_run timestamp with time zone,
    last_took interval,
    error text,
    error_at timestamp with time zone
);

COMMENT ON TABLE flow.schedule_state IS
'How far each schedule is: all buckets from begins to done_until have run, but those in
flow.schedule_todo and those that were given up.  Who runs a bucket locks the row
before he reads anything, and who marks buckets locks it, too.';
COMMENT ON COLUMN flow.schedule_state.failures IS 'in a row';
COMMENT ON COLUMN flow.schedule_state.retry_at IS 'nothing of the schedule runs before';
COMMENT ON COLUMN flow.schedule_state.missed IS
'buckets that were given up, being older than catch_up';

CREATE TABLE flow.schedule_todo (
    name text NOT NULL,
    until timestamp with time zone NOT NULL CHECK (until BETWEEN '1900-01-01' AND '2900-01-01'),
    reason text NOT NULL CHECK (reason IN ('late', 'failed', 'asked')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 1e9),
    retry_at timestamp with time zone NOT NULL,
    error text,
    PRIMARY KEY (name, until)
);

COMMENT ON TABLE flow.schedule_todo IS
'Buckets up to done_until that are to run again, by their ends: rows came late, or the
run failed, or flow.rerun() asked for it.';

SELECT pg_catalog.pg_extension_config_dump('flow.scheduled',
    'WHERE relation::oid IN (SELECT oid FROM pg_catalog.pg_class)');
SELECT pg_catalog.pg_extension_config_dump('flow.schedule_state', '');
SELECT pg_catalog.pg_extension_config_dump('flow.schedule_todo', '');

ALTER TABLE flow.scheduled ENABLE ROW LEVEL SECURITY;
ALTER TABLE flow.schedule_state ENABLE ROW LEVEL SECURITY;
ALTER TABLE flow.schedule_todo ENABLE ROW LEVEL SECURITY;
CREATE POLICY owner ON flow.scheduled
    USING (pg_catalog.pg_has_role(owner::oid, 'USAGE'));
CREATE POLICY owner ON flow.schedule_state
    USING (EXISTS (SELECT FROM flow.scheduled s WHERE s.name = schedule_state.name));
CREATE POLICY owner ON flow.schedule_todo
    USING (EXISTS (SELECT FROM flow.scheduled s WHERE s.name = schedule_todo.name));

CREATE FUNCTION flow.check_owner()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    role regrole;
BEGIN
    FOREACH role IN ARRAY CASE TG_OP WHEN 'UPDATE' THEN ARRAY[OLD.owner, NEW.owner]
                                     ELSE ARRAY[NEW.owner] END
    LOOP
        IF NOT coalesce(pg_has_role(role::oid, 'USAGE'), false) THEN
            RAISE EXCEPTION 'must have the privileges of role "%"', role
                USING ERRCODE = 'insufficient_privilege',
                DETAIL = 'What the row says runs with the privileges of its owner.';
        END IF;
    END LOOP;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION flow.check_owner() IS
'Trigger of tables that say what runs in the name of a role, in column owner: rows are
written by those who have the privileges of that role, others get an error
(insufficient_privilege), also where they bypass row level security.';

CREATE TRIGGER check_owner BEFORE INSERT OR UPDATE ON flow.scheduled
FOR EACH ROW EXECUTE FUNCTION flow.check_owner();

CREATE FUNCTION flow.check_query(query text)
RETURNS void
AS 'MODULE_PATHNAME', 'fs_check_query'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION flow.check_query(text) IS
'Does nothing if the query is one that can be scheduled: a single SELECT, whose
parameters are $1 and $2 of type timestamptz.  Anything else is an error: that of the
parser, or invalid_parameter_value.  It is not run.';

CREATE FUNCTION flow.wake_worker()
RETURNS void
AS 'MODULE_PATHNAME', 'fs_wake_worker'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION flow.wake_worker() IS
'Has the background worker look at this database when the transaction has committed.';

CREATE FUNCTION flow.fixed_interval(value interval, name text, smallest interval)
RETURNS interval
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF value IS NULL THEN
        RAISE EXCEPTION 'argument % must not be NULL', name
            USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF extract(year FROM value) <> 0 OR extract(month FROM value) <> 0 THEN
        RAISE EXCEPTION 'argument % must not have months', name
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'A day is 24 hours; months differ in length.';
    END IF;
    value := make_interval(secs => extract(epoch FROM value)::float8);
    IF value < smallest THEN
        RAISE EXCEPTION 'argument % must be at least %', name, smallest
            USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('It is %s.', value);
    END IF;
    RETURN value;
END
$$;

COMMENT ON FUNCTION flow.fixed_interval(interval, text, interval) IS
'The interval as hours, minutes and seconds, a day being 24 hours.  NULL is an error
(null_value_not_allowed); months are, and less than smallest (invalid_parameter_value):
name stands in the message.';

CREATE FUNCTION flow.schedule(
    name text, query text, every interval, relation regclass DEFAULT NULL,
    span interval DEFAULT NULL, delay interval DEFAULT '1 min',
    severity flow.severity DEFAULT 'medium', since timestamp with time zone DEFAULT NULL,
    catch_up interval DEFAULT '1 day', timeout interval DEFAULT '1 min',
    settle interval DEFAULT NULL, search_path text DEFAULT pg_catalog.current_setting('search_path'),
    columns jsonb DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    s flow.scheduled;
    first timestamptz;
    reason text;
BEGIN
    s.name := schedule.name;
    s.query := schedule.query;
    s.every := flow.fixed_interval(schedule.every, 'every', interval '1 s');
    s.span := flow.fixed_interval(coalesce(schedule.span, s.every), 'span', s.every);
    s.delay := flow.fixed_interval(schedule.delay, 'delay', interval '0');
    s.settle := flow.fixed_interval(coalesce(schedule.settle, s.every), 'settle', interval '0');
    s.catch_up := flow.fixed_interval(schedule.catch_up, 'catch_up', s.every + s.delay);
    s.timeout := flow.fixed_interval(schedule.timeout, 'timeout', interval '1 ms');
    s.severity := schedule.severity;
    s.search_path := schedule.search_path;
    s.time_zone := current_setting('TimeZone');
    s.default_table := coalesce(current_setting('flowstore.default_table', true), 'flows');
    SELECT r.oid INTO s.owner FROM pg_roles r WHERE r.rolname = current_user;
    IF s.name IS NULL OR s.query IS NULL OR s.severity IS NULL OR s.search_path IS NULL THEN
        RAISE EXCEPTION 'name, query, severity and search_path of a schedule must not be NULL'
            USING ERRCODE = 'null_value_not_allowed';
    END IF;

    -- what the caller means by names
    PERFORM set_config('search_path', s.search_path, true);
    s.relation := flow.relation(schedule.relation);
    PERFORM flow.check_query(s.query);
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);

    first := flow.time_bucket(s.every, coalesce(schedule.since, flow.now()));
    IF first + s.every + s.catch_up < flow.now() THEN
        RAISE EXCEPTION 'the first bucket is older than catch_up'
            USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('It begins at %s, catch_up is %s.', first, s.catch_up),
            HINT = 'A greater catch_up has older buckets made up for.';
    END IF;

    INSERT INTO flow.scheduled AS o SELECT s.*
    ON CONFLICT (name) DO UPDATE SET
        query = excluded.query, relation = excluded.relation, every = excluded.every,
        span = excluded.span, delay = excluded.delay, settle = excluded.settle,
        catch_up = excluded.catch_up, timeout = excluded.timeout,
        severity = excluded.severity, search_path = excluded.search_path,
        time_zone = excluded.time_zone, default_table = excluded.default_table;
    -- one that exists goes on where it is, on the new grid
    UPDATE flow.schedule_state t SET failures = 0, retry_at = '-infinity',
        begins = least(t.begins, coalesce(first_asked, t.begins)),
        done_until = least(flow.time_bucket(s.every, t.done_until),
                           coalesce(first_asked, t.done_until))
    FROM (SELECT CASE WHEN schedule.since IS NOT NULL THEN first END AS first_asked) f
    WHERE t.name = s.name;
    IF NOT FOUND THEN
        INSERT INTO flow.schedule_state (name, begins, done_until)
        VALUES (s.name, first, first);
    END IF;
    DELETE FROM flow.schedule_todo t
    WHERE t.name = s.name AND t.until <> flow.time_bucket(s.every, t.until);
    UPDATE flow.schedule_todo t SET retry_at = '-infinity', attempts = 0
    WHERE t.name = s.name AND t.reason = 'failed';
    reason := flow.watch(s.relation, schedule.columns);
    IF reason IS NOT NULL THEN
        RAISE NOTICE 'schedule "%" will not notice rows of "%" that come late', s.name, s.relation
            USING DETAIL = reason,
            HINT = 'The owner can have them noticed: flow.watch_changes().';
    END IF;

    PERFORM flow.wake_worker();
END
$$;

COMMENT ON FUNCTION flow.schedule(text, text, interval, regclass, interval, interval, flow.severity, timestamp with time zone, interval, interval, interval, text, jsonb) IS
'Has the background worker run a detection once for each bucket of every, delay after
the bucket has ended, and again when rows of relation came late.  query is a SELECT; its
parameters are $1 and $2, the times [since, until) to be looked at: until is the end of
the bucket, since is span (NULL: every) before.  While it runs, flow.now() is until,
the role is who has scheduled it, and search_path, time zone and flowstore.default_table
are as they are now.

Each row becomes an alert: columns src_addr, dst_addr, dst_port, score, severity, rule,
dedup_key and first_seen or ts become those of flow.alert, an object in column evidence
and all other columns its evidence.  Without them, rule is the name, severity that of the
schedule, ts is since, dedup_key is made of rule, addresses and port.  The alerts
are committed with the note that the bucket has run, so none is missing and none comes
twice, also after a crash.  More than 10,000 rows are an error.

A run that fails or takes longer than timeout is noted in flow.schedules and tried again,
after 5 seconds and then after pauses that double, up to 10 minutes; later buckets and
other schedules go on.  Buckets of the time when the server was down are made up
for, in order; those that ended longer ago than catch_up are given up and counted.
When rows of relation have come late, were deleted or changed, by whom and when ever, each
bucket that has run and looked at their times runs again, settle (NULL: every) after that
was noticed; its alerts stay, and those are added that differ from all that it has.
That is noticed if the table is watched: by the trigger that the owner''s schedules make
(columns: {"ts": "own name"} for a time that is not called ts), or by
flow.watch_changes().  Who writes waits for nobody.  What the
table''s options remove (retain, max_rows, max_bytes) is no change; a bucket that ended longer
ago than catch_up stays as it is; and what a subscription writes to a table that is no
flowstore table is not noticed.

since: begin with that bucket instead of the present one.  A schedule of this name is
changed; it goes on where it is, or with since, if that is earlier.
Intervals must not have months; every and delay are at most a year, span ten, timeout a day
(check_violation).  A query that is not a single SELECT, a table
that does not exist, a span shorter than every are errors (invalid_parameter_value,
undefined_table).  Needs the privileges that flow.grant_schedules() gives.  The
background worker needs flowstore in shared_preload_libraries.';

CREATE FUNCTION flow.unschedule(name text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM flow.schedule_todo t WHERE t.name = unschedule.name;
    DELETE FROM flow.schedule_state t WHERE t.name = unschedule.name;
    DELETE FROM flow.scheduled t WHERE t.name = unschedule.name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'schedule "%" does not exist', unschedule.name
            USING ERRCODE = 'undefined_object',
            HINT = 'flow.schedules lists those of which you have the privileges of the owner.';
    END IF;
END
$$;

COMMENT ON FUNCTION flow.unschedule(text) IS
'Ends a schedule; waits for a run of it.  Its alerts stay.  One that does not exist, or
belongs to somebody else, is an error (undefined_object).';

CREATE FUNCTION flow.rerun(name text, since timestamp with time zone,
    until timestamp with time zone)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    every CONSTANT interval :=
        (SELECT s.every FROM flow.scheduled s WHERE s.name = rerun.name);
    done timestamptz;
    n bigint;
BEGIN
    SELECT t.done_until INTO done FROM flow.schedule_state t
    WHERE t.name = rerun.name FOR UPDATE;
    IF NOT FOUND OR every IS NULL THEN
        RAISE EXCEPTION 'schedule "%" does not exist', rerun.name
            USING ERRCODE = 'undefined_object';
    END IF;
    IF (rerun.since < rerun.until AND isfinite(rerun.since) AND isfinite(rerun.until)) IS NOT TRUE THEN
        RAISE EXCEPTION 'since must be earlier than until, and both be given'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF extract(epoch FROM least(rerun.until, done) - rerun.since) > 1000000 * extract(epoch FROM every) THEN
        RAISE EXCEPTION 'more than 1000000 buckets of schedule "%" would run again', rerun.name
            USING ERRCODE = 'program_limit_exceeded', HINT = 'Give a shorter range.';
    END IF;
    INSERT INTO flow.schedule_todo AS t (name, until, reason, retry_at)
    SELECT rerun.name, u, 'asked', '-infinity'
    FROM generate_series(flow.time_bucket(every, rerun.since) + every,
                         least(rerun.until + every, done), every) u
    WHERE u < rerun.until + every
    ON CONFLICT (name, until) DO UPDATE SET reason = 'asked', attempts = 0, retry_at = '-infinity';
    GET DIAGNOSTICS n = ROW_COUNT;
    UPDATE flow.schedule_state t SET failures = 0, retry_at = '-infinity' WHERE t.name = rerun.name;
    PERFORM flow.wake_worker();
    RETURN n;
END
$$;

COMMENT ON FUNCTION flow.rerun(text, timestamp with time zone, timestamp with time zone) IS
'Has all buckets of a schedule run again that have times in [since, until) and have
ended, also such as have never run, however old they are.  Gives their number.
A schedule that does not exist is an error (undefined_object), a range without time or without end,
too (invalid_parameter_value), and so are more than a million buckets
(program_limit_exceeded).';

CREATE FUNCTION flow.mark_late(relation regclass, since timestamp with time zone,
    until timestamp with time zone)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    s record;
    total bigint := 0;
BEGIN
    FOR s IN SELECT c.* FROM flow.scheduled c
             WHERE c.relation = mark_late.relation
             OR c.relation IN (SELECT a.relid FROM pg_partition_ancestors(mark_late.relation) a)
             ORDER BY c.name
    LOOP
        -- a run that is under way may have missed the rows: wait for it
        PERFORM FROM flow.schedule_state t WHERE t.name = s.name FOR UPDATE;
        total := total + flow.mark_buckets(s.name,
            tstzmultirange(tstzrange(mark_late.since, mark_late.until)));
    END LOOP;
    IF total > 0 THEN
        PERFORM flow.wake_worker();
    END IF;
    RETURN total;
END
$$;

COMMENT ON FUNCTION flow.mark_late(regclass, timestamp with time zone, timestamp with time zone) IS
'Says that rows of relation with times in [since, until) have been changed, by
transactions that have committed.  Buckets of schedules that have run and looked at
such times run again, unless they ended longer ago than catch_up.  relation may be a
partition.  Gives the number of buckets that were not known to be due.  Of a watched
table the background worker learns that by itself; this is for others, and waits for
runs that are under way.';

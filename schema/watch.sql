-------------------------------------------------------------------------
-- Schedules: which tables are watched, and what came late
-------------------------------------------------------------------------

CREATE TABLE flow.schedule_late (
    name text NOT NULL,
    times tstzmultirange NOT NULL
);

-- Rows come and go without a key; who publishes all tables may delete them, too.
ALTER TABLE flow.schedule_late REPLICA IDENTITY FULL;

COMMENT ON TABLE flow.schedule_late IS
'Times of rows that were changed, by schedules that look at them, until
flow.schedule_gather() has marked the buckets that have run.';

SELECT pg_catalog.pg_extension_config_dump('flow.schedule_late', '');

CREATE FUNCTION flow.is_scheduled(relation regclass)
RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM flow.scheduled s
        WHERE s.relation = is_scheduled.relation
        OR s.relation IN (SELECT a.relid FROM pg_partition_ancestors(is_scheduled.relation) a))
$$;

COMMENT ON FUNCTION flow.is_scheduled(regclass) IS
'Whether anybody has a schedule for a table or for one that it is a partition of.  With
the privileges of the extension''s owner, since row level security hides the
schedules of others: who drops the last rollup of a table must not end their watch.';

CREATE FUNCTION flow.watch_parts(relation regclass, OUT part regclass, OUT kind "char",
    OUT is_watched boolean)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.oid, c.relkind, EXISTS (
        SELECT FROM pg_trigger t
        WHERE t.tgrelid = c.oid AND t.tgfoid = 'flow.rollup_watch()'::regprocedure)
    FROM pg_class c
    WHERE c.oid = watch_parts.relation
    OR c.oid IN (SELECT p.relid FROM pg_partition_tree(watch_parts.relation) p)
$$;

COMMENT ON FUNCTION flow.watch_parts(regclass) IS
'A table and its partitions, and whether each has a trigger of flow.rollup_watch().';

CREATE FUNCTION flow.watch_column(part regclass)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.attname FROM pg_trigger t
    JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE t.tgrelid = part AND t.tgfoid = 'flow.rollup_watch()'::regprocedure
    AND t.tgargs = convert_to(a.attname, getdatabaseencoding()) || '\x00'
    LIMIT 1
$$;

COMMENT ON FUNCTION flow.watch_column(regclass) IS
'The column of the times by which changes of a table are known, NULL if they are not.';

CREATE FUNCTION flow.watch(relation regclass, columns jsonb)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p record;
    leaves integer := 0;
    is_all_ours boolean := true;
BEGIN
    IF (SELECT c.relkind NOT IN ('r', 'p') OR c.relpersistence = 't'
        FROM pg_class c WHERE c.oid = relation) THEN
        RETURN 'It is temporary, or not a table.';
    END IF;
    FOR p IN SELECT w.*, c.relowner,
                    EXISTS (SELECT FROM pg_am m WHERE m.oid = c.relam
                            AND m.amhandler = 'flow.table_am_handler(internal)'::regprocedure) AS is_ours
             FROM flow.watch_parts(relation) w JOIN pg_class c ON c.oid = w.part
             ORDER BY w.kind = 'p', w.part
    LOOP
        CONTINUE WHEN p.kind = 'p' AND (is_all_ours OR leaves = 0) OR p.kind NOT IN ('r', 'p');
        is_all_ours := is_all_ours AND p.is_ours;
        leaves := leaves + 1;
        CONTINUE WHEN p.is_watched AND columns IS NULL;
        IF NOT pg_has_role(p.relowner, 'USAGE') THEN
            CONTINUE WHEN p.is_watched;
            RETURN format('You are not the owner of "%s".', p.part);
        END IF;
        BEGIN
            PERFORM flow.rollup_triggers(p.part, flow.rollup_time_column(p.part, columns));
        EXCEPTION WHEN undefined_column THEN
            IF columns IS NOT NULL THEN
                RAISE;
            END IF;
            RETURN format('"%s" has no time column.', p.part);
        END;
    END LOOP;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION flow.watch(regclass, jsonb) IS
'Has changes of a table and of its partitions logged, unless they are already.  NULL, or
the reason why that cannot be done by the caller.  A partitioned table of
which all partitions are flowstore tables needs no trigger itself.';

CREATE FUNCTION flow.watch_changes(relation regclass DEFAULT NULL, columns jsonb DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    source CONSTANT regclass := flow.relation(relation);
    reason CONSTANT text := flow.watch(source, columns);
BEGIN
    IF reason IS NOT NULL THEN
        RAISE EXCEPTION 'changes of "%" cannot be watched', source
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = reason;
    END IF;
    PERFORM flow.watch_rename(source, 'flow_rollup_', 'flow_watch_');
END
$$;

COMMENT ON FUNCTION flow.watch_changes(regclass, jsonb) IS
'Has changes of a table noticed, also for schedules of those who may only read it, until
flow.unwatch_changes().  For its owner, whose own schedules do it by themselves.
columns: {"ts": "own name"} for a table whose time is not called ts.  Later partitions
are watched, too, as long as there is a schedule; who runs it is the background
worker.  A temporary table, or one without a timestamptz column of that name, is an error
(object_not_in_prerequisite_state, undefined_column).';

CREATE FUNCTION flow.unwatch_changes(relation regclass DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM flow.watch_rename(flow.relation(relation), 'flow_watch_', 'flow_rollup_');
    PERFORM flow.wake_worker();
END
$$;

COMMENT ON FUNCTION flow.unwatch_changes(regclass) IS
'Takes flow.watch_changes() back.  The background worker removes the triggers unless
rollups or schedules need them.  For the owner of the table.';

CREATE FUNCTION flow.watch_rename(relation regclass, old text, new text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT g.tgrelid::regclass AS part, g.tgname AS name
             FROM flow.watch_parts(relation) w JOIN pg_trigger g ON g.tgrelid = w.part
             WHERE g.tgfoid = 'flow.rollup_watch()'::regprocedure AND starts_with(g.tgname, old)
    LOOP
        EXECUTE format('ALTER TRIGGER %I ON %s RENAME TO %I', t.name, t.part,
                       new || substr(t.name, length(old) + 1));
    END LOOP;
END
$$;

COMMENT ON FUNCTION flow.watch_rename(regclass, text, text) IS
'Renames the triggers by which a table is watched: those called flow_watch_ stay when
nobody needs them, those called flow_rollup_ do not.';

CREATE FUNCTION flow.watch_tidy()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = 0
AS $$
DECLARE
    source regclass;
    own name;
    part regclass;
BEGIN
    FOR source IN
        SELECT DISTINCT t.tgrelid FROM pg_trigger t
        WHERE t.tgfoid = 'flow.rollup_watch()'::regprocedure AND starts_with(t.tgname, 'flow_rollup_')
        AND NOT EXISTS (SELECT FROM flow.rollup r WHERE r.relation = t.tgrelid)
        AND NOT flow.is_scheduled(t.tgrelid)
    LOOP
        BEGIN
            SET LOCAL lock_timeout = '100ms';
            PERFORM flow.unwatch(source);
        EXCEPTION WHEN lock_not_available THEN
            NULL;
        END;
    END LOOP;

    -- partitions that were added to watched tables, with the rows that they have
    FOR part, own IN
        SELECT w.part, o.own
        FROM (SELECT DISTINCT s.relation FROM flow.scheduled s
              JOIN pg_partitioned_table p ON p.partrelid = s.relation) r
        CROSS JOIN LATERAL (SELECT max(flow.watch_column(w.part)) FROM flow.watch_parts(r.relation) w
                            WHERE w.is_watched) o(own)
        CROSS JOIN LATERAL flow.watch_parts(r.relation) w
        WHERE o.own IS NOT NULL AND w.kind = 'r' AND NOT w.is_watched
    LOOP
        BEGIN
            SET LOCAL lock_timeout = '1s';
            PERFORM flow.rollup_triggers(part, flow.rollup_time_column(part, jsonb_build_object('ts', own)));
            EXECUTE format('INSERT INTO flow.rollup_change SELECT %L::regclass, min(%I),'
                           ' max(%2$I) + interval ''1 us'', false FROM ONLY %s HAVING max(%2$I) IS NOT NULL',
                           part, own, part);
        EXCEPTION WHEN lock_not_available OR undefined_column OR invalid_parameter_value
                       OR object_not_in_prerequisite_state THEN
            NULL;
        END;
    END LOOP;
END
$$;

COMMENT ON FUNCTION flow.watch_tidy() IS
'What the scheduler does first: takes triggers away that nobody needs, and watches new
partitions of watched tables.  A table that is busy has it done later.';

CREATE FUNCTION flow.unwatch(relation regclass)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    trigger name;
BEGIN
    IF EXISTS (SELECT FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
               WHERE t.tgrelid = relation AND t.tgfoid = 'flow.rollup_watch()'::regprocedure
               AND starts_with(t.tgname, 'flow_rollup_'))
    THEN
        -- who is making a rollup of it holds a lock, and is seen when he has committed
        EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', relation);
    END IF;
    FOR trigger IN SELECT t.tgname FROM pg_trigger t
                   WHERE t.tgrelid = relation AND t.tgfoid = 'flow.rollup_watch()'::regprocedure
                   AND starts_with(t.tgname, 'flow_rollup_')
                   AND NOT EXISTS (SELECT FROM flow.rollup r JOIN flow.rollup_level l ON l.rollup = r.id
                                   WHERE r.relation = unwatch.relation)
                   AND NOT flow.is_scheduled(relation)
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', trigger, relation);
    END LOOP;
END
$$;

COMMENT ON FUNCTION flow.unwatch(regclass) IS
'Drops the triggers by which a table is watched, but those of flow.watch_changes(), and
but for a rollup or schedule that was made meanwhile.';

CREATE FUNCTION flow.mark_buckets(name text, times tstzmultirange)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH marked AS (
        INSERT INTO flow.schedule_todo (name, until, reason, retry_at)
        SELECT DISTINCT s.name, u, 'late', flow.now() + s.settle
        FROM flow.scheduled s JOIN flow.schedule_state t ON t.name = s.name
        CROSS JOIN LATERAL unnest(mark_buckets.times) AS r(part)
        CROSS JOIN LATERAL generate_series(
            flow.time_bucket(s.every, greatest(lower(r.part), t.begins, flow.now() - s.catch_up)) + s.every,
            least(upper(r.part) + s.span, t.done_until), s.every) u
        WHERE s.name = mark_buckets.name AND u < upper(r.part) + s.span
        ON CONFLICT (name, until) DO NOTHING
        RETURNING 1)
    SELECT count(*) FROM marked
$$;

COMMENT ON FUNCTION flow.mark_buckets(text, tstzmultirange) IS
'Has buckets of a schedule that have run and looked at these times run again, unless they
ended longer ago than catch_up, and gives the number of those that were not due
already.  The caller has locked the schedule''s row in flow.schedule_state.';

CREATE FUNCTION flow.schedule_gather(name text, role oid)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    source regclass;
    wanted text;
    times tstzmultirange;
    is_complete boolean := true;
BEGIN
    FOR source IN
        SELECT DISTINCT c.relation FROM flow.rollup_change c
        WHERE EXISTS (
            SELECT FROM flow.scheduled s
            WHERE (s.relation = c.relation
                   OR s.relation IN (SELECT a.relid FROM pg_partition_ancestors(c.relation) a))
            AND (schedule_gather.role = 0 OR pg_has_role(schedule_gather.role, s.owner::oid, 'USAGE'))
            AND schedule_gather.name IN ('', s.name))
        OR (schedule_gather.role = 0
            AND NOT EXISTS (SELECT FROM flow.rollup r WHERE r.relation = c.relation)
            AND EXISTS (SELECT FROM pg_trigger t
                        WHERE t.tgrelid = c.relation AND t.tgfoid = 'flow.rollup_watch()'::regprocedure
                        AND (starts_with(t.tgname, 'flow_rollup_') OR starts_with(t.tgname, 'flow_watch_'))))
        ORDER BY 1
    LOOP
        PERFORM flow.rollup_gather(source, false);
    END LOOP;

    FOR wanted IN SELECT DISTINCT l.name FROM flow.schedule_late l
                  LEFT JOIN flow.scheduled s ON s.name = l.name
                  WHERE schedule_gather.role = 0
                  OR (pg_has_role(schedule_gather.role, s.owner::oid, 'USAGE')
                      AND schedule_gather.name IN ('', s.name))
                  ORDER BY 1
    LOOP
        -- a run that is under way may have missed the rows
        PERFORM FROM flow.schedule_state t WHERE t.name = wanted FOR UPDATE SKIP LOCKED;
        IF FOUND THEN
            WITH gone AS (DELETE FROM flow.schedule_late l WHERE l.name = wanted RETURNING l.times)
            SELECT range_agg(r.part) INTO times FROM gone g CROSS JOIN LATERAL unnest(g.times) AS r(part);
            PERFORM flow.mark_buckets(wanted, times);
        ELSIF EXISTS (SELECT FROM flow.schedule_state t WHERE t.name = wanted) THEN
            is_complete := false;
        ELSIF schedule_gather.role = 0 THEN
            DELETE FROM flow.schedule_late l WHERE l.name = wanted;
        END IF;
    END LOOP;
    RETURN is_complete;
END
$$;

COMMENT ON FUNCTION flow.schedule_gather(text, oid) IS
'Gathers changes of tables, and marks the buckets of schedules that are to run again:
of the schedule of this name, empty for all, and of those of whose owners the role has
the privileges, 0 for all.  False if some are being run: their times stay in
flow.schedule_late.  Waits for nobody.';

REVOKE ALL ON FUNCTION flow.watch_tidy(), flow.schedule_gather(text, oid) FROM PUBLIC;

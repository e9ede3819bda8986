-------------------------------------------------------------------------
-- Sets of addresses that are kept
-------------------------------------------------------------------------

CREATE TABLE flow.stored_set (
    name text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 200),
    addrs flow.ipset NOT NULL,
    saved timestamp with time zone NOT NULL DEFAULT pg_catalog.now()
);

COMMENT ON TABLE flow.stored_set IS 'Sets that flow.save_set has kept.';
COMMENT ON COLUMN flow.stored_set.saved IS 'when flow.save_set was last called for it';

SELECT pg_catalog.pg_extension_config_dump('flow.stored_set', '');

CREATE FUNCTION flow.save_set(name text, addrs flow.ipset)
RETURNS numeric
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF name IS NULL OR addrs IS NULL THEN
        RAISE EXCEPTION 'name and set must not be NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    INSERT INTO flow.stored_set AS s (name, addrs) VALUES (save_set.name, save_set.addrs)
    ON CONFLICT ON CONSTRAINT stored_set_pkey
    DO UPDATE SET addrs = excluded.addrs, saved = excluded.saved;
    RETURN flow.cardinality(addrs);
END
$$;

COMMENT ON FUNCTION flow.save_set(text, flow.ipset) IS
'Keeps a set under a name, in place of the one that had it, and returns the number of
its addresses.  NULL is an error (null_value_not_allowed), an empty or very long name
(check_violation), too.  Needs INSERT and UPDATE on flow.stored_set.';

CREATE FUNCTION flow.save_set(name text, query text)
RETURNS numeric
LANGUAGE plpgsql
AS $$
DECLARE
    -- no search_path of its own: the caller's finds what the query names
    addrs flow.ipset;
BEGIN
    IF query IS NULL THEN
        RAISE EXCEPTION 'query must not be NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF pg_catalog.starts_with(pg_catalog.ltrim(query), '{') THEN
        addrs := query::flow.ipset;
    ELSE
        EXECUTE pg_catalog.concat('SELECT flow.ipset_agg(q.addr) FROM (', query, E'\n) AS q(addr)')
            INTO addrs;
    END IF;
    RETURN flow.save_set(name, addrs);
END
$$;

COMMENT ON FUNCTION flow.save_set(text, text) IS
'Keeps the addresses that a query gives, of one column inet or flow.ipset, as a set; a
text that begins with { is the set itself.  The query runs with the privileges and
the search_path of the caller.  Otherwise as flow.save_set(text, flow.ipset).';

CREATE FUNCTION flow.saved_set(name text)
RETURNS flow.ipset
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_addrs flow.ipset;
BEGIN
    SELECT s.addrs INTO found_addrs FROM flow.stored_set s WHERE s.name = saved_set.name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'set "%" does not exist', name USING ERRCODE = 'undefined_object',
            HINT = 'flow.save_set keeps one, table flow.stored_set lists them.';
    END IF;
    RETURN found_addrs;
END
$$;

COMMENT ON FUNCTION flow.saved_set(text) IS
'The set of that name.  "src_addr <@ flow.saved_set(''x'')" reads it once in a scan of a
flowstore table, which prunes by it; for other tables say (SELECT flow.saved_set(''x'')),
or it is read for each row.  An unknown name is an error (undefined_object).';

CREATE FUNCTION flow.set_members(name text, most bigint DEFAULT 1000000)
RETURNS SETOF inet
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT flow.members(flow.saved_set(set_members.name), set_members.most);
END;

COMMENT ON FUNCTION flow.set_members(text, bigint) IS
'The addresses of the set of that name, in order.  Errors are those of flow.saved_set
and flow.members.';

CREATE FUNCTION flow.forget_set(name text)
RETURNS boolean
LANGUAGE sql
BEGIN ATOMIC
    WITH gone AS (DELETE FROM flow.stored_set s WHERE s.name = forget_set.name RETURNING 1)
    SELECT EXISTS (SELECT FROM gone);
END;

COMMENT ON FUNCTION flow.forget_set(text) IS
'Removes the set of that name; false if there is none.  Needs DELETE on flow.stored_set.';

-------------------------------------------------------------------------
-- Prefix tables: what is known of the longest network that an address is in
-------------------------------------------------------------------------

CREATE TYPE flow.prefix_map;

CREATE FUNCTION flow.prefix_map_in(cstring)
RETURNS flow.prefix_map
AS 'MODULE_PATHNAME', 'fs_prefix_map_in'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.prefix_map_in(cstring) IS
'input of flow.prefix_map; not to be called';

CREATE FUNCTION flow.prefix_map_out(flow.prefix_map)
RETURNS cstring
AS 'MODULE_PATHNAME', 'fs_prefix_map_out'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.prefix_map_out(flow.prefix_map) IS
'output of flow.prefix_map; not to be called';

CREATE TYPE flow.prefix_map (
    INPUT = flow.prefix_map_in,
    OUTPUT = flow.prefix_map_out,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = external
);

COMMENT ON TYPE flow.prefix_map IS
'IPv4 and IPv6 networks with a value each, made for longest-prefix match.  As text a
line for each network: the network, in quotes the value and, if more is known, in
quotes a JSON object of it.  A network takes 9 bytes (IPv6: 21) and up to two ranges of
8 (IPv6: 20), each different value its bytes and 4; with 1,024 IPv4 ranges and more
256 kB are added.  Text that is no map is an error (invalid_text_representation).';

CREATE FUNCTION flow.prefix_map_step(internal, inet, text)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_prefix_map_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.prefix_map_step(internal, inet, text) IS
'step of flow.prefix_map_agg; not to be called';

CREATE FUNCTION flow.prefix_map_step(internal, inet, text, jsonb)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_prefix_map_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.prefix_map_step(internal, inet, text, jsonb) IS
'step of flow.prefix_map_agg; not to be called';

CREATE FUNCTION flow.prefix_map_final(internal)
RETURNS flow.prefix_map
AS 'MODULE_PATHNAME', 'fs_prefix_map_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.prefix_map_final(internal) IS
'result of flow.prefix_map_agg; not to be called';

CREATE AGGREGATE flow.prefix_map_agg(network inet, value text) (
    SFUNC = flow.prefix_map_step,
    STYPE = internal,
    FINALFUNC = flow.prefix_map_final,
    FINALFUNC_MODIFY = READ_WRITE,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.prefix_map_agg(inet, text) IS
'The map of networks and their values.  Of equal networks the last one counts; say ORDER
BY if there are some.  Bits right of a mask count for nothing; rows with a NULL network
or value are left out.';

CREATE AGGREGATE flow.prefix_map_agg(network inet, value text, more jsonb) (
    SFUNC = flow.prefix_map_step,
    STYPE = internal,
    FINALFUNC = flow.prefix_map_final,
    FINALFUNC_MODIFY = READ_WRITE,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.prefix_map_agg(inet, text, jsonb) IS
'As flow.prefix_map_agg(inet, text), with an object of what more is known, or NULL.';

CREATE FUNCTION flow.prefix_map_concat(flow.prefix_map, flow.prefix_map)
RETURNS flow.prefix_map
AS 'MODULE_PATHNAME', 'fs_prefix_map_concat'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100000;

COMMENT ON FUNCTION flow.prefix_map_concat(flow.prefix_map, flow.prefix_map) IS
'The networks of both maps; what the second one says counts.';

CREATE OPERATOR flow.|| (
    FUNCTION = flow.prefix_map_concat,
    LEFTARG = flow.prefix_map,
    RIGHTARG = flow.prefix_map
);

COMMENT ON OPERATOR flow.|| (flow.prefix_map, flow.prefix_map) IS
'networks of both maps; what the second one says counts';

CREATE FUNCTION flow.prefix_map_networks(flow.prefix_map)
RETURNS bigint
AS 'MODULE_PATHNAME', 'fs_prefix_map_networks'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION flow.prefix_map_networks(flow.prefix_map) IS
'The number of networks of a map.';

CREATE FUNCTION flow.prefix_map_values(flow.prefix_map)
RETURNS bigint
AS 'MODULE_PATHNAME', 'fs_prefix_map_values'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION flow.prefix_map_values(flow.prefix_map) IS
'The number of different values of a map.';

CREATE FUNCTION flow.read_prefixes(data text,
    OUT map flow.prefix_map, OUT loaded bigint, OUT bad bigint, OUT bad_lines jsonb)
AS 'MODULE_PATHNAME', 'fs_read_prefixes'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100000;

COMMENT ON FUNCTION flow.read_prefixes(text) IS
'The map of text as flow.load_prefixes reads it, with its counts.';

CREATE TABLE flow.prefix_table (
    name text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 200),
    map flow.prefix_map NOT NULL,
    source text,
    saved timestamp with time zone NOT NULL DEFAULT pg_catalog.now()
);

COMMENT ON TABLE flow.prefix_table IS
'Prefix tables, for flow.lookup: autonomous systems, countries, sites, owners.  Whoever
may read it may look addresses up in all of them.';
COMMENT ON COLUMN flow.prefix_table.source IS 'where it comes from, as its loader said';
COMMENT ON COLUMN flow.prefix_table.saved IS 'when it was last loaded or saved';

SELECT pg_catalog.pg_extension_config_dump('flow.prefix_table', '');

CREATE VIEW flow.prefix_tables AS
SELECT name, flow.prefix_map_networks(map) AS networks, flow.prefix_map_values(map) AS distinct_values,
       pg_column_size(map) AS bytes, source, saved
FROM flow.prefix_table;

COMMENT ON VIEW flow.prefix_tables IS 'The prefix tables, without what is in them.';
COMMENT ON COLUMN flow.prefix_tables.networks IS 'how many networks';
COMMENT ON COLUMN flow.prefix_tables.distinct_values IS 'how many different values';
COMMENT ON COLUMN flow.prefix_tables.bytes IS 'on disk, and of memory in a session that looks addresses up';

CREATE FUNCTION flow.lookup(name text, addr inet)
RETURNS text
AS 'MODULE_PATHNAME', 'fs_lookup'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.lookup(text, inet) IS
'The value of the longest network in a prefix table that addr is in, NULL if it is in
none: SELECT flow.lookup(''asn'', src_addr), sum(bytes) FROM flows GROUP BY 1.  An
address with a mask is a network, all of which must be in.  The table is what the
query''s snapshot sees.  A session keeps the tables that it used last within
flowstore.keep_memory, and any that a query uses; each worker of a parallel query
reads its own.  An unknown name is an error (undefined_object).  Needs SELECT on
flow.prefix_table.';

CREATE FUNCTION flow.lookup_more(name text, addr inet)
RETURNS jsonb
AS 'MODULE_PATHNAME', 'fs_lookup_more'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.lookup_more(text, inet) IS
'What more than the value is known of the network that flow.lookup finds: an object
with the other columns of what was loaded, NULL if there is nothing.';

CREATE FUNCTION flow.lookup_all(name text, addr inet)
RETURNS TABLE (network cidr, value text, more jsonb)
AS 'MODULE_PATHNAME', 'fs_lookup_all'
LANGUAGE C STABLE STRICT PARALLEL SAFE ROWS 2;

COMMENT ON FUNCTION flow.lookup_all(text, inet) IS
'All networks of a prefix table that addr is in, the longest first.  Otherwise as
flow.lookup.';

CREATE FUNCTION flow.prefix_list(name text)
RETURNS TABLE (network cidr, value text, more jsonb)
AS 'MODULE_PATHNAME', 'fs_prefix_list'
LANGUAGE C STABLE STRICT PARALLEL SAFE ROWS 100000;

COMMENT ON FUNCTION flow.prefix_list(text) IS
'What is in a prefix table, in order: IPv4 first, by address and length.  Otherwise as
flow.lookup.';

CREATE FUNCTION flow.save_prefixes(name text, map flow.prefix_map,
    replace boolean DEFAULT true, source text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    networks bigint;
BEGIN
    IF name IS NULL OR map IS NULL OR replace IS NULL THEN
        RAISE EXCEPTION 'only source may be NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    INSERT INTO flow.prefix_table AS p (name, map, source)
    VALUES (save_prefixes.name, save_prefixes.map, save_prefixes.source)
    ON CONFLICT ON CONSTRAINT prefix_table_pkey
    DO UPDATE SET map = CASE WHEN save_prefixes.replace THEN excluded.map
                        ELSE p.map OPERATOR(flow.||) excluded.map END,
                  source = excluded.source, saved = excluded.saved
    RETURNING flow.prefix_map_networks(p.map) INTO networks;
    RETURN networks;
END
$$;

COMMENT ON FUNCTION flow.save_prefixes(text, flow.prefix_map, boolean, text) IS
'Keeps a map as prefix table of that name, in place of what it had or, without replace,
in addition, where what the new map says counts; returns the number of its networks.
Queries see the old table or the new one.  NULL but for source is an error
(null_value_not_allowed), an empty or very long name (check_violation), too.  Needs
INSERT, UPDATE and SELECT on flow.prefix_table.';

CREATE FUNCTION flow.save_prefixes(name text, query text,
    replace boolean DEFAULT true, source text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    -- no search_path of its own: the caller's finds what the query names
    found_map flow.prefix_map;
BEGIN
    IF query IS NULL THEN
        RAISE EXCEPTION 'query must not be NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    BEGIN
        EXECUTE pg_catalog.concat('SELECT flow.prefix_map_agg(q.network, q.value, q.more) FROM (',
                                  query, ') AS q(network, value, more)') INTO found_map;
    EXCEPTION WHEN invalid_column_reference THEN
        EXECUTE pg_catalog.concat('SELECT flow.prefix_map_agg(q.network, q.value) FROM (',
                                  query, ') AS q(network, value)') INTO found_map;
    END;
    RETURN flow.save_prefixes(name, found_map, replace, source);
END
$$;

COMMENT ON FUNCTION flow.save_prefixes(text, text, boolean, text) IS
'Keeps what a query gives as prefix table: columns network (inet or cidr), value (text)
and, if there is a third one, more (jsonb); of equal networks the last row counts.  The
query runs with the privileges and the search_path of the caller.  Otherwise as
flow.save_prefixes(text, flow.prefix_map, boolean, text).';

CREATE FUNCTION flow.load_prefixes(name text, data text, replace boolean DEFAULT true,
    source text DEFAULT NULL, OUT loaded bigint, OUT bad bigint, OUT bad_lines jsonb)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    map flow.prefix_map;
BEGIN
    IF name IS NULL OR data IS NULL OR replace IS NULL THEN
        RAISE EXCEPTION 'only source may be NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    SELECT r.map, r.loaded, r.bad, r.bad_lines INTO map, loaded, bad, bad_lines
    FROM flow.read_prefixes(data) r;
    PERFORM flow.save_prefixes(name, map, replace, source);
END
$$;

COMMENT ON FUNCTION flow.load_prefixes(text, text, boolean, text) IS
'Loads a prefix table from text, in place of what it had or, without replace, in
addition: SELECT * FROM flow.load_prefixes(''asn'', pg_read_file(''/tmp/asn.csv'')).  Fields
are separated by commas, or by tabs where the first line has one and no comma, and may stand in quotes (RFC
4180); lines that begin with # or ; do not count.  A first line with a field network,
prefix, cidr, subnet, ip or address names columns: value or, without that, the first
other one is the value, the rest is what flow.lookup_more gives.  Without such a line
there are a network and a value.  Of equal networks the last one counts.  Returns how
many networks were loaded, how many lines were bad, and the first 100 of these: objects
of line (from 1), text and problem.  Otherwise as flow.save_prefixes.';

CREATE FUNCTION flow.forget_prefixes(name text)
RETURNS boolean
LANGUAGE sql
BEGIN ATOMIC
    WITH gone AS (DELETE FROM flow.prefix_table p WHERE p.name = forget_prefixes.name RETURNING 1)
    SELECT EXISTS (SELECT FROM gone);
END;

COMMENT ON FUNCTION flow.forget_prefixes(text) IS
'Removes the prefix table of that name; false if there is none.  Needs DELETE on
flow.prefix_table.';

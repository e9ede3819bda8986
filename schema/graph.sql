-------------------------------------------------------------------------
-- Who talks to whom: hops, graphs, communities, one address in detail
-------------------------------------------------------------------------

CREATE FUNCTION flow.hops(
    addr inet, n integer DEFAULT 2, direction text DEFAULT 'out',
    since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, span interval DEFAULT '1 day',
    per_hop integer DEFAULT 10000,
    relation regclass DEFAULT NULL, columns jsonb DEFAULT NULL,
    OUT hops integer, OUT addresses bigint, OUT is_cut boolean, OUT members inet[])
RETURNS SETOF record
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
AS $$
DECLARE
    -- no search_path of its own: the caller's finds the default table
    source CONSTANT text := flow.source_query(flow.relation(relation),
                                              '{ts,src_addr,dst_addr}', columns);
    found inet[];
    seen inet[];
    query text;
BEGIN
    SELECT r.since, r.until INTO since, until FROM flow.time_range(since, until, span) r;
    IF addr IS NULL THEN
        RAISE EXCEPTION 'addr must not be NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF n IS NULL OR n OPERATOR(pg_catalog.<) 0
       OR per_hop IS NULL OR per_hop OPERATOR(pg_catalog.<) 1 THEN
        RAISE EXCEPTION 'n must not be negative, per_hop must be positive'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF direction IS NULL OR NOT direction OPERATOR(pg_catalog.=) ANY ('{out,in,both}') THEN
        RAISE EXCEPTION 'direction "%" does not exist', direction
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Directions are out, in and both.';
    END IF;
    SELECT pg_catalog.string_agg(pg_catalog.format(
               'SELECT f.%I FROM (%s) f WHERE f.%I OPERATOR(pg_catalog.=) ANY ($1)
                AND f.ts OPERATOR(pg_catalog.>=) $4 AND f.ts OPERATOR(pg_catalog.<) $5',
               d.far, source, d.near), ' UNION ALL ')
    INTO query
    FROM (VALUES ('out', 'src_addr', 'dst_addr'), ('in', 'dst_addr', 'src_addr')) d(name, near, far)
    WHERE direction OPERATOR(pg_catalog.=) ANY (ARRAY['both', d.name]);
    query := pg_catalog.format(
        'SELECT pg_catalog.array_agg(a ORDER BY a)
         FROM (SELECT a FROM (%s) x(a) WHERE a IS NOT NULL
               EXCEPT SELECT pg_catalog.unnest($2) ORDER BY 1 LIMIT $3) y', query);

    hops := 0;
    members := ARRAY[addr];
    seen := members;
    LOOP
        addresses := pg_catalog.cardinality(members);
        is_cut := addresses OPERATOR(pg_catalog.>) per_hop;
        members := members[:per_hop];
        addresses := pg_catalog.cardinality(members);
        RETURN NEXT;
        EXIT WHEN hops OPERATOR(pg_catalog.>=) n;
        EXECUTE query INTO found
        USING members, seen, per_hop::bigint OPERATOR(pg_catalog.+) 1, since, until;
        EXIT WHEN found IS NULL;
        members := found;
        seen := seen OPERATOR(pg_catalog.||) found[:per_hop];
        hops := hops OPERATOR(pg_catalog.+) 1;
    END LOOP;
END
$$;

COMMENT ON FUNCTION flow.hops(inet, integer, text, timestamp with time zone, timestamp with time zone, interval, integer, regclass, jsonb) IS
'The addresses that flows lead to from addr in 0, 1, ... n hops (breadth first): each
stands in members, in order, for the fewest hops that reach it.  direction out goes
from sources to destinations, in the other way, both either way.  Only flows that
began in [since, until) count, in any order of time.  is_cut: a hop has more than
per_hop addresses; the first per_hop of them are kept and followed.  Each hop reads
the table once by all addresses of the one before.  NULL until is flow.now(), NULL
since is span before until.  Negative n, per_hop below 1 and other directions are
errors (invalid_parameter_value), NULL addr too (null_value_not_allowed).';

CREATE FUNCTION flow.graph(
    addr inet, depth integer DEFAULT 1, n integer DEFAULT 200,
    since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, span interval DEFAULT '1 day',
    per_hop integer DEFAULT 100,
    relation regclass DEFAULT NULL, columns jsonb DEFAULT NULL,
    OUT kind text, OUT id text, OUT title text, OUT source text, OUT target text,
    OUT mainstat numeric, OUT secondarystat bigint)
RETURNS SETOF record
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
AS $$
DECLARE
    -- no search_path of its own: the caller's finds the default table
    own CONSTANT regclass := flow.relation(relation);
    members inet[];
    distances integer[];
BEGIN
    SELECT r.since, r.until INTO since, until FROM flow.time_range(since, until, span) r;
    IF n IS NULL OR n OPERATOR(pg_catalog.<) 0 THEN
        RAISE EXCEPTION 'n must not be negative' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT pg_catalog.array_agg(m ORDER BY h.hops, m), pg_catalog.array_agg(h.hops ORDER BY h.hops, m)
    INTO members, distances
    FROM flow.hops(addr, depth, 'both', since, until, span, per_hop, own, columns) h,
         pg_catalog.unnest(h.members) m;
    RETURN QUERY EXECUTE pg_catalog.format(
        'WITH edges AS MATERIALIZED (
             SELECT f.src_addr AS s, f.dst_addr AS d, coalesce(pg_catalog.sum(f.bytes), 0) AS bytes, pg_catalog.count(*) AS flows
             FROM (%s) f
             WHERE f.src_addr OPERATOR(pg_catalog.=) ANY ($1) AND f.dst_addr OPERATOR(pg_catalog.=) ANY ($1)
               AND f.ts OPERATOR(pg_catalog.>=) $3 AND f.ts OPERATOR(pg_catalog.<) $4
             GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT $5),
         ends AS (
             SELECT a, pg_catalog.sum(bytes) AS bytes
             FROM (SELECT s, bytes FROM edges
                   UNION ALL SELECT d, bytes FROM edges WHERE s OPERATOR(pg_catalog.<>) d) e(a, bytes)
             GROUP BY a)
         SELECT ''node'', pg_catalog.format(''%%s'', m), pg_catalog.format(''%%s'', m), NULL, NULL,
                coalesce(e.bytes, 0), h::bigint
         FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) u(m, h)
         LEFT JOIN ends e ON e.a OPERATOR(pg_catalog.=) m
         UNION ALL
         SELECT ''edge'', pg_catalog.format(''%%s>%%s'', s, d), NULL, pg_catalog.format(''%%s'', s), pg_catalog.format(''%%s'', d),
                bytes, flows
         FROM edges',
        flow.source_query(own, '{ts,src_addr,dst_addr,bytes}', columns))
    USING members, distances, since, until, n;
END
$$;

COMMENT ON FUNCTION flow.graph(inet, integer, integer, timestamp with time zone, timestamp with time zone, interval, integer, regclass, jsonb) IS
'The addresses within depth hops of addr, either way (flow.hops), and the flows among
them, in the columns of Grafana''s node graph: WHERE kind = ''node'' is its frame of
nodes (id and title are the address, mainstat bytes of the edges at it, secondarystat
hops from addr), WHERE kind = ''edge'' that of edges (source, target, mainstat bytes,
secondarystat flows).  The n edges with most bytes are given, a hop has at most
per_hop addresses.  Times and errors are those of flow.hops; negative n is an error
(invalid_parameter_value).';

CREATE FUNCTION flow.related(
    addr inet, clients integer DEFAULT 100, at_least integer DEFAULT 2, n integer DEFAULT 50,
    since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, span interval DEFAULT '1 day',
    relation regclass DEFAULT NULL, columns jsonb DEFAULT NULL,
    OUT dst_addr inet, OUT shared_clients bigint, OUT overlap numeric)
RETURNS SETOF record
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
AS $$
DECLARE
    -- no search_path of its own: the caller's finds the default table
    source CONSTANT text := flow.source_query(flow.relation(relation),
                                              '{ts,src_addr,dst_addr}', columns);
    sources inet[];
BEGIN
    SELECT r.since, r.until INTO since, until FROM flow.time_range(since, until, span) r;
    IF addr IS NULL THEN
        RAISE EXCEPTION 'addr must not be NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF (clients OPERATOR(pg_catalog.>=) 1 AND at_least OPERATOR(pg_catalog.>=) 1
        AND n OPERATOR(pg_catalog.>=) 0) IS NOT TRUE THEN
        RAISE EXCEPTION 'clients and at_least must be positive, n must not be negative'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    EXECUTE pg_catalog.format(
        'SELECT pg_catalog.array_agg(a)
         FROM (SELECT f.src_addr AS a FROM (%s) f
               WHERE f.dst_addr OPERATOR(pg_catalog.=) $1 AND f.src_addr IS NOT NULL
                 AND f.ts OPERATOR(pg_catalog.>=) $2 AND f.ts OPERATOR(pg_catalog.<) $3
               GROUP BY f.src_addr ORDER BY pg_catalog.count(*) DESC, f.src_addr LIMIT $4) c', source)
    INTO sources USING addr, since, until, clients;
    RETURN QUERY EXECUTE pg_catalog.format(
        'SELECT f.dst_addr, pg_catalog.count(DISTINCT f.src_addr),
                pg_catalog.round(pg_catalog.count(DISTINCT f.src_addr)::numeric OPERATOR(pg_catalog./) pg_catalog.cardinality($1), 3)
         FROM (%s) f
         WHERE f.src_addr OPERATOR(pg_catalog.=) ANY ($1) AND f.dst_addr OPERATOR(pg_catalog.<>) $2
           AND f.ts OPERATOR(pg_catalog.>=) $3 AND f.ts OPERATOR(pg_catalog.<) $4
         GROUP BY f.dst_addr HAVING pg_catalog.count(DISTINCT f.src_addr) OPERATOR(pg_catalog.>=) $5
         ORDER BY 2 DESC, 1 LIMIT $6', source)
    USING sources, addr, since, until, at_least, n;
END
$$;

COMMENT ON FUNCTION flow.related(inet, integer, integer, integer, timestamp with time zone, timestamp with time zone, interval, regclass, jsonb) IS
'The community of a destination: the n others that most of its clients talk to, too.
Looked at are the clients of addr with most flows, so many as argument clients says;
shared_clients is how many of them talk to dst_addr, at_least or more, and overlap
their share.  NULL until is flow.now(), NULL since is span before until.  Numbers out
of range are errors (invalid_parameter_value), NULL addr too (null_value_not_allowed).';

CREATE FUNCTION flow.communities(
    overlap double precision DEFAULT 0.5, at_least integer DEFAULT 2, popular integer DEFAULT 100,
    since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, span interval DEFAULT '1 day',
    relation regclass DEFAULT NULL, columns jsonb DEFAULT NULL,
    OUT community bigint, OUT hosts bigint, OUT members inet[])
RETURNS SETOF record
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
AS $$
DECLARE
    -- no search_path of its own: the caller's finds the default table
    source CONSTANT text := flow.source_query(flow.relation(relation),
                                              '{ts,src_addr,dst_addr}', columns);
    addrs inet[] := '{}';
    parents integer[] := '{}';
    pair record;
    a integer;
    b integer;
BEGIN
    SELECT r.since, r.until INTO since, until FROM flow.time_range(since, until, span) r;
    IF (overlap OPERATOR(pg_catalog.>) 0 AND overlap OPERATOR(pg_catalog.<=) 1
        AND at_least OPERATOR(pg_catalog.>=) 1 AND popular OPERATOR(pg_catalog.>=) 2) IS NOT TRUE THEN
        RAISE EXCEPTION 'overlap must lie in (0, 1], at_least must be positive, popular at least 2'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;

    -- hosts are numbered in order; the root of a tree is its first host
    FOR pair IN EXECUTE pg_catalog.format(
        'WITH links AS MATERIALIZED (
             SELECT DISTINCT f.src_addr AS s, f.dst_addr AS d FROM (%s) f
             WHERE f.ts OPERATOR(pg_catalog.>=) $1 AND f.ts OPERATOR(pg_catalog.<) $2
               AND f.src_addr IS NOT NULL AND f.dst_addr IS NOT NULL),
         rare AS MATERIALIZED (
             SELECT d FROM links GROUP BY d HAVING pg_catalog.count(*) OPERATOR(pg_catalog.<=) $5),
         kept AS MATERIALIZED (SELECT l.s, l.d FROM links l JOIN rare r ON r.d OPERATOR(pg_catalog.=) l.d),
         sizes AS MATERIALIZED (SELECT s, pg_catalog.count(*) AS n FROM kept GROUP BY s),
         numbers AS MATERIALIZED (
             SELECT s, n, pg_catalog.row_number() OVER (ORDER BY s)::integer AS i FROM sizes),
         shared AS (
             SELECT x.s AS s, y.s AS t, pg_catalog.count(*) AS n
             FROM kept x JOIN kept y ON y.d OPERATOR(pg_catalog.=) x.d AND x.s OPERATOR(pg_catalog.<) y.s
             GROUP BY 1, 2 HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>=) $4)
         SELECT i, i AS j, s AS addr FROM numbers
         UNION ALL
         SELECT p.i, q.i, NULL
         FROM shared h JOIN numbers p ON p.s OPERATOR(pg_catalog.=) h.s JOIN numbers q ON q.s OPERATOR(pg_catalog.=) h.t
         WHERE h.n::double precision OPERATOR(pg_catalog.>=)
               ($3 OPERATOR(pg_catalog.*) (p.n OPERATOR(pg_catalog.+) q.n OPERATOR(pg_catalog.-) h.n)::double precision)
         ORDER BY 3 NULLS LAST', source)
        USING since, until, overlap, at_least, popular
    LOOP
        IF pair.addr IS NOT NULL THEN
            addrs[pair.i] := pair.addr;
            parents[pair.i] := pair.i;
            CONTINUE;
        END IF;
        a := pair.i;
        WHILE parents[a] OPERATOR(pg_catalog.<>) a LOOP
            parents[a] := parents[parents[a]];
            a := parents[a];
        END LOOP;
        b := pair.j;
        WHILE parents[b] OPERATOR(pg_catalog.<>) b LOOP
            parents[b] := parents[parents[b]];
            b := parents[b];
        END LOOP;
        parents[greatest(a, b)] := least(a, b);
    END LOOP;

    -- parents come before their children
    FOR a IN 1 .. pg_catalog.cardinality(parents) LOOP
        parents[a] := parents[parents[a]];
    END LOOP;
    RETURN QUERY
        SELECT pg_catalog.row_number() OVER (ORDER BY pg_catalog.count(*) DESC, p),
               pg_catalog.count(*), pg_catalog.array_agg(m ORDER BY m)
        FROM ROWS FROM (pg_catalog.unnest(parents), pg_catalog.unnest(addrs)) u(p, m)
        GROUP BY p HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 1
        ORDER BY 1;
END
$$;

COMMENT ON FUNCTION flow.communities(double precision, integer, integer, timestamp with time zone, timestamp with time zone, interval, regclass, jsonb) IS
'Hosts that talk to the same destinations: two sources are linked if they share at
at_least destinations or more, and these are at least the share overlap of those that
either has (Jaccard''s index); a community is a connected component of the links, of
two hosts or more, the largest first.  So each host is in one community at most, and
the result does not depend on the order of anything.  Destinations of more than
popular sources tell nothing and are left out; that bounds the work to popular^2 pairs
for each.  NULL until is flow.now(), NULL since is span before until.  Numbers out of
range are errors (invalid_parameter_value).';

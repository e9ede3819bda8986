-------------------------------------------------------------------------
-- Indicators: networks that are known for something
-------------------------------------------------------------------------

CREATE TABLE flow.indicator (
    set_name text NOT NULL CHECK (length(set_name) BETWEEN 1 AND 200),
    network cidr NOT NULL,
    valid_from timestamp with time zone NOT NULL DEFAULT '-infinity',
    valid_to timestamp with time zone NOT NULL DEFAULT 'infinity',
    severity flow.severity NOT NULL DEFAULT 'medium',
    note text,
    source text,
    PRIMARY KEY (network, set_name, valid_from),
    CHECK (valid_from < valid_to)
);

CREATE INDEX ON flow.indicator (set_name);

COMMENT ON TABLE flow.indicator IS
'Networks and addresses that are known for something, in sets: threat lists, own
scanners, partners.  An indicator counts for flows in [valid_from, valid_to).';
COMMENT ON COLUMN flow.indicator.valid_to IS 'exclusive';
COMMENT ON COLUMN flow.indicator.note IS 'what it is known for';
COMMENT ON COLUMN flow.indicator.source IS 'who says so';

SELECT pg_catalog.pg_extension_config_dump('flow.indicator', '');

CREATE FUNCTION flow.parse_network(word text)
RETURNS cidr
AS 'MODULE_PATHNAME', 'fs_parse_network'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.parse_network(text) IS
'The address or network that word is; NULL if it is none or has bits right of its mask.';

CREATE FUNCTION flow.parse_time(word text)
RETURNS timestamp with time zone
LANGUAGE plpgsql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN word::timestamptz;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION flow.parse_time(text) IS 'The time that word is; NULL if it is none.';

CREATE FUNCTION flow.supernets(addr inet)
RETURNS cidr[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT array_agg(network(set_masklen(addr, bits)) ORDER BY bits)
    FROM generate_series(0, masklen(addr)) bits;
END;

COMMENT ON FUNCTION flow.supernets(inet) IS
'All networks that addr is in, the largest first: 33 for an IPv4 address, 129 for IPv6.';

CREATE FUNCTION flow.csv_fields(line text)
RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN strpos(line, '"') = 0 THEN string_to_array(line, ',')
           ELSE (SELECT array_agg(CASE WHEN starts_with(ltrim(m[1]), '"')
                                  THEN replace(substr(btrim(m[1]), 2, length(btrim(m[1])) - 2), '""', '"')
                                  ELSE m[1] END ORDER BY place)
                 FROM regexp_matches(line || ',', '(\s*"(?:[^"]|"")*"\s*|[^,"]*),', 'g')
                      WITH ORDINALITY AS f(m, place)) END;
END;

COMMENT ON FUNCTION flow.csv_fields(text) IS
'The fields of one line of CSV (RFC 4180) without a line break in a field.';

CREATE FUNCTION flow.load_indicators(
    set_name text, data text, replace boolean DEFAULT false,
    severity flow.severity DEFAULT 'medium', source text DEFAULT NULL,
    valid_from timestamp with time zone DEFAULT '-infinity',
    valid_to timestamp with time zone DEFAULT 'infinity',
    OUT loaded bigint, OUT bad bigint, OUT bad_lines jsonb)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    header text[];
    first_line bigint;
    at_network integer := 1;
    at_from integer;
    at_to integer;
    at_severity integer;
    at_note integer;
    at_source integer;
BEGIN
    IF load_indicators.set_name IS NULL OR data IS NULL OR replace IS NULL
       OR load_indicators.severity IS NULL OR load_indicators.valid_from IS NULL
       OR load_indicators.valid_to IS NULL
    THEN
        RAISE EXCEPTION 'only source may be NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    -- a first line that is no network and names columns is a header
    SELECT place, array(SELECT lower(btrim(f)) FROM unnest(flow.csv_fields(btrim(line, E' \t\r'))) f)
    INTO first_line, header
    FROM string_to_table(data, E'\n') WITH ORDINALITY AS l(line, place)
    WHERE btrim(line, E' \t\r') !~ '^([#;]|$)' LIMIT 1;
    IF header && ARRAY['network', 'address', 'ip', 'indicator'] THEN
        at_network := (SELECT min(array_position(header, c))
                       FROM unnest(ARRAY['network', 'address', 'ip', 'indicator']) c);
        at_from := array_position(header, 'valid_from');
        at_to := array_position(header, 'valid_to');
        at_severity := array_position(header, 'severity');
        at_note := array_position(header, 'note');
        at_source := array_position(header, 'source');
    ELSE
        header := NULL;
    END IF;

    IF replace THEN
        DELETE FROM flow.indicator i WHERE i.set_name = load_indicators.set_name;
    END IF;
    WITH lines AS MATERIALIZED (
        SELECT place, l.line,
               CASE WHEN header IS NULL THEN ARRAY[regexp_replace(l.line, '\s*[#;].*$', '')]
                    ELSE flow.csv_fields(l.line) END AS fields
        FROM (SELECT btrim(line, E' \t\r') AS line, place
              FROM string_to_table(data, E'\n') WITH ORDINALITY AS t(line, place)) l
        WHERE l.line !~ '^([#;]|$)' AND (header IS NULL OR place > first_line)),
    words AS (
        SELECT place, line, flow.parse_network(btrim(fields[at_network])) AS network,
               nullif(btrim(fields[at_from]), '') AS from_word,
               nullif(btrim(fields[at_to]), '') AS to_word,
               nullif(btrim(fields[at_severity]), '') AS severity_word,
               nullif(btrim(fields[at_note]), '') AS note,
               coalesce(nullif(btrim(fields[at_source]), ''), load_indicators.source) AS source
        FROM lines),
    times AS MATERIALIZED (
        SELECT word, flow.parse_time(word) AS at
        FROM (SELECT from_word FROM words UNION SELECT to_word FROM words) w(word)
        WHERE word IS NOT NULL),
    severities AS MATERIALIZED (
        SELECT s AS severity, s::text AS word FROM unnest(enum_range(NULL::flow.severity)) s),
    judged AS MATERIALIZED (
        SELECT w.place, w.line, w.network, w.note, w.source,
               CASE WHEN from_word IS NULL THEN load_indicators.valid_from ELSE f.at END AS valid_from,
               CASE WHEN to_word IS NULL THEN load_indicators.valid_to ELSE t.at END AS valid_to,
               CASE WHEN severity_word IS NULL THEN load_indicators.severity ELSE s.severity END AS severity,
               CASE WHEN w.network IS NULL THEN 'no address or network'
                    WHEN from_word IS NOT NULL AND f.at IS NULL THEN 'valid_from is no time'
                    WHEN to_word IS NOT NULL AND t.at IS NULL THEN 'valid_to is no time'
                    WHEN severity_word IS NOT NULL AND s.word IS NULL THEN 'unknown severity'
                    WHEN coalesce(f.at, load_indicators.valid_from) >= coalesce(t.at, load_indicators.valid_to)
                    THEN 'valid_from is not earlier than valid_to' END AS problem
        FROM words w LEFT JOIN times f ON f.word = w.from_word
        LEFT JOIN times t ON t.word = w.to_word
        LEFT JOIN severities s ON s.word = lower(w.severity_word)),
    inserted AS (
        INSERT INTO flow.indicator AS i (set_name, network, valid_from, valid_to, severity, note, source)
        SELECT DISTINCT ON (network, valid_from)
               load_indicators.set_name, network, valid_from, valid_to, severity, note, source
        FROM judged WHERE problem IS NULL ORDER BY network, valid_from, place DESC
        ON CONFLICT ON CONSTRAINT indicator_pkey DO UPDATE
        SET valid_to = excluded.valid_to, severity = excluded.severity,
            note = excluded.note, source = excluded.source
        RETURNING 1)
    SELECT (SELECT count(*) FROM inserted), count(*),
           coalesce(jsonb_agg(jsonb_build_object('line', place, 'text', left(line, 200), 'problem', problem)
                              ORDER BY place) FILTER (WHERE nth <= 100), '[]')
    INTO loaded, bad, bad_lines
    FROM (SELECT j.*, row_number() OVER (ORDER BY place) AS nth FROM judged j WHERE problem IS NOT NULL) b;
END
$$;

COMMENT ON FUNCTION flow.load_indicators(text, text, boolean, flow.severity, text, timestamp with time zone, timestamp with time zone) IS
'Loads a set of indicators from text, in place of what the set had or, without
replace, in addition; an indicator with the same network and valid_from is replaced.
A line has an address or network; # or ; begins a comment.  If the first line is a
header of CSV with a column network, address, ip or indicator, lines are CSV, and
columns valid_from, valid_to, severity, note and source count, too; what is empty is
as the arguments say.  Returns how many were loaded, how many lines were bad, and the
first 100 of these: objects of line (from 1), text and problem.  NULL but for source is
an error (null_value_not_allowed).  Needs INSERT, UPDATE, SELECT and, to replace,
DELETE on flow.indicator.';

CREATE FUNCTION flow.matches(addr inet, at timestamp with time zone DEFAULT NULL)
RETURNS SETOF flow.indicator
LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
BEGIN ATOMIC
    SELECT i.* FROM flow.indicator i
    WHERE i.network = ANY (flow.supernets(matches.addr))
      AND i.valid_from <= coalesce(matches.at, flow.now())
      AND i.valid_to > coalesce(matches.at, flow.now())
    ORDER BY masklen(i.network) DESC, i.set_name, i.valid_from;
END;

COMMENT ON FUNCTION flow.matches(inet, timestamp with time zone) IS
'The indicators that addr is in and that are valid at that time (NULL: flow.now()),
the narrowest network first.  Needs SELECT on flow.indicator.';

CREATE FUNCTION flow.indicator_set(set_name text, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL)
RETURNS flow.ipset
LANGUAGE sql STABLE PARALLEL SAFE COST 100000
BEGIN ATOMIC
    SELECT flow.ipset_agg(i.network::inet) FROM flow.indicator i
    WHERE (indicator_set.set_name IS NULL OR i.set_name = indicator_set.set_name)
      AND i.valid_from < coalesce(indicator_set.until, 'infinity')
      AND i.valid_to > coalesce(indicator_set.since, '-infinity');
END;

COMMENT ON FUNCTION flow.indicator_set(text, timestamp with time zone, timestamp with time zone) IS
'The addresses of all indicators of a set, NULL: of all sets, that are valid at some
time in [since, until); NULL does not bound.';

CREATE FUNCTION flow.retrohunt(
    set_name text, span interval DEFAULT '30 days', relation regclass DEFAULT NULL,
    columns jsonb DEFAULT NULL, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL)
RETURNS TABLE (indicator_set text, network cidr, severity flow.severity, side text,
    src_addr inet, dst_addr inet, flows bigint, first_ts timestamp with time zone,
    last_ts timestamp with time zone, bytes numeric, note text, source text)
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    -- no search_path of its own: the caller's finds the default table
    wanted flow.ipset;
BEGIN
    relation := flow.relation(retrohunt.relation);
    SELECT r.since, r.until INTO since, until
    FROM flow.time_range(retrohunt.since, retrohunt.until, span) r;
    IF retrohunt.set_name IS NOT NULL AND NOT EXISTS
       (SELECT FROM flow.indicator i WHERE i.set_name OPERATOR(pg_catalog.=) retrohunt.set_name)
    THEN
        RAISE EXCEPTION 'no indicator is in set "%"', retrohunt.set_name
            USING ERRCODE = 'undefined_object', HINT = 'flow.load_indicators loads sets.';
    END IF;
    wanted := flow.indicator_set(retrohunt.set_name, retrohunt.since, retrohunt.until);
    RETURN QUERY EXECUTE pg_catalog.format($q$
        WITH hits AS MATERIALIZED (
            SELECT f.ts, f.src_addr, f.dst_addr, f.bytes
            FROM (%s) f
            WHERE f.ts OPERATOR(pg_catalog.>=) $2 AND f.ts OPERATOR(pg_catalog.<) $3
              AND (f.src_addr OPERATOR(flow.<@) $4 OR f.dst_addr OPERATOR(flow.<@) $4)),
        sides AS (
            SELECT 'src' AS side, h.src_addr AS addr, h.* FROM hits h
            WHERE h.src_addr OPERATOR(flow.<@) $4
            UNION ALL
            SELECT 'dst', h.dst_addr, h.* FROM hits h
            WHERE h.dst_addr OPERATOR(flow.<@) $4),
        met AS MATERIALIZED (
            SELECT a.addr, i.*
            FROM (SELECT DISTINCT s.addr FROM sides s) a
            CROSS JOIN LATERAL (SELECT * FROM flow.indicator i
                WHERE i.network OPERATOR(pg_catalog.=) ANY (flow.supernets(a.addr))
                  AND ($1 IS NULL OR i.set_name OPERATOR(pg_catalog.=) $1) OFFSET 0) i)
        SELECT m.set_name, m.network, m.severity, s.side, s.src_addr, s.dst_addr,
               pg_catalog.count(*), pg_catalog.min(s.ts), pg_catalog.max(s.ts),
               pg_catalog.sum(s.bytes)::pg_catalog.numeric, m.note, m.source
        FROM sides s JOIN met m ON m.addr OPERATOR(pg_catalog.=) s.addr
         AND s.ts OPERATOR(pg_catalog.>=) m.valid_from AND s.ts OPERATOR(pg_catalog.<) m.valid_to
        GROUP BY m.set_name, m.network, m.valid_from, m.severity, m.note, m.source, s.side,
                 s.src_addr, s.dst_addr
        ORDER BY 9 DESC, 2, 5, 6, 4, 1$q$,
        flow.source_query(relation, ARRAY['ts', 'src_addr', 'dst_addr', 'bytes'], columns))
        USING retrohunt.set_name, retrohunt.since, retrohunt.until, wanted;
END
$$;

COMMENT ON FUNCTION flow.retrohunt(text, interval, regclass, jsonb, timestamp with time zone, timestamp with time zone) IS
'Flows in [since, until) from (side src) or to (dst) the indicators of a set, NULL: of
all sets, while the indicator was valid: by indicator and pair of addresses, with
their number, first and last start and bytes, the latest first.  In flowstore tables
the set is asked for the addresses of a partition index, so that only vectors with a
match are read, however many indicators there are.  A set without an indicator is an
error (undefined_object); other errors are those of flow.relation, flow.source_query
and flow.time_range.  Needs SELECT on flow.indicator and the table.';

CREATE FUNCTION flow.match_indicators(
    since timestamp with time zone DEFAULT NULL, until timestamp with time zone DEFAULT NULL,
    relation regclass DEFAULT NULL, columns jsonb DEFAULT NULL, span interval DEFAULT '5 min')
RETURNS TABLE (ts timestamp with time zone, severity flow.severity, src_addr inet,
    dst_addr inet, dedup_key text, evidence jsonb)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT h.first_ts, h.severity, h.src_addr, h.dst_addr,
           concat_ws(' ', 'indicator', h.indicator_set, h.network, h.side, host(h.src_addr), host(h.dst_addr)),
           jsonb_build_object('set', h.indicator_set, 'network', h.network, 'side', h.side,
               'flows', h.flows, 'bytes', h.bytes, 'last', h.last_ts, 'note', h.note, 'source', h.source)
    FROM flow.retrohunt(NULL, match_indicators.span, match_indicators.relation,
                        match_indicators.columns, match_indicators.since, match_indicators.until) h;
END;

COMMENT ON FUNCTION flow.match_indicators(timestamp with time zone, timestamp with time zone, regclass, jsonb, interval) IS
'Flows in [since, until), by default of the last span, with an indicator of any set, in
the form of alerts: to be run for each closed bucket, which matches flows on their way
in.  Errors are those of flow.retrohunt, and without indicators there are no rows.';

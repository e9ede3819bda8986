-------------------------------------------------------------------------
-- Where a word is found
-------------------------------------------------------------------------

CREATE FUNCTION flow.search(
    word text, n integer DEFAULT 100,
    since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL,
    relation regclass DEFAULT NULL, columns jsonb DEFAULT NULL,
    OUT column_name text, OUT value text, OUT flows bigint, OUT bytes numeric,
    OUT first_seen timestamp with time zone, OUT last_seen timestamp with time zone)
RETURNS SETOF record
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    -- no search_path of its own: the caller's finds the default table
    trimmed text := pg_catalog.btrim(word, E' \t\r\n');
    network CONSTANT inet := flow.parse_network(trimmed);
    wanted text[];
    key text := '$1';
    compare text := 'OPERATOR(pg_catalog.=)';
    output text := 'f.%I::pg_catalog.text';
    source text;
BEGIN
    IF trimmed IS NULL OR trimmed OPERATOR(pg_catalog.=) '' THEN
        RAISE EXCEPTION 'word must not be empty' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Look for an address, a network, a port, AS and a number, or a name.';
    END IF;
    IF n IS NULL OR n OPERATOR(pg_catalog.<) 0 THEN
        RAISE EXCEPTION 'n must not be negative' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF since OPERATOR(pg_catalog.>=) until THEN
        RAISE EXCEPTION 'since must be earlier than until'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF network IS NOT NULL THEN
        wanted := '{src_addr,dst_addr,exporter}';
        key := '$1::pg_catalog.inet';
        output := 'pg_catalog.host(f.%I)';
        IF pg_catalog.masklen(network) OPERATOR(pg_catalog.<)
           (CASE pg_catalog.family(network) WHEN 4 THEN 32 ELSE 128 END) THEN
            compare := 'OPERATOR(pg_catalog.<<=)';
        END IF;
        trimmed := network::text;
    ELSIF trimmed OPERATOR(pg_catalog.~) '^\d{1,5}$' THEN
        wanted := '{src_port,dst_port}';
        key := '$1::pg_catalog.int4';
    ELSIF trimmed OPERATOR(pg_catalog.~*) '^as\d{1,10}$' THEN
        wanted := '{src_as,dst_as}';
        key := '$1::pg_catalog.int8';
        trimmed := pg_catalog.substr(trimmed, 3);
    ELSE
        wanted := '{sensor,sni,dns_query,http_host,http_user_agent,http_content_type,ja3,ja3s,ja4}';
        IF pg_catalog.strpos(trimmed, '*') OPERATOR(pg_catalog.>) 0 THEN
            compare := 'OPERATOR(pg_catalog.~~)';
            trimmed := pg_catalog.replace(pg_catalog.regexp_replace(trimmed, '([\\%_])', '\\\1', 'g'), '*', '%');
        END IF;
    END IF;
    source := flow.source_query(flow.relation(relation), '{ts}', columns, wanted OPERATOR(pg_catalog.||) '{bytes}'::text[]);
    FOREACH column_name IN ARRAY wanted LOOP
        RETURN QUERY EXECUTE pg_catalog.format(
            'SELECT %1$L, ' OPERATOR(pg_catalog.||) pg_catalog.format(output, column_name) OPERATOR(pg_catalog.||) ',
                    pg_catalog.count(*), pg_catalog.sum(f.bytes)::pg_catalog.numeric,
                    pg_catalog.min(f.ts), pg_catalog.max(f.ts)
             FROM (%2$s) f WHERE f.%1$I %3$s %4$s%5$s%6$s
             GROUP BY f.%1$I ORDER BY 3 DESC, 2 LIMIT $4',
            column_name, source, compare, key,
            CASE WHEN since IS NOT NULL THEN ' AND f.ts OPERATOR(pg_catalog.>=) $2' ELSE '' END,
            CASE WHEN until IS NOT NULL THEN ' AND f.ts OPERATOR(pg_catalog.<) $3' ELSE '' END)
        USING trimmed, since, until, n;
    END LOOP;
END
$$;

COMMENT ON FUNCTION flow.search(text, integer, timestamp with time zone, timestamp with time zone, regclass, jsonb) IS
'Where a word is found in all flows, or those that begin in [since, until): by column and
value the number of flows, bytes as reported, and first and last start, at most n values
a column, those with most flows first.  An address or network is looked for in
src_addr, dst_addr and exporter; a number of up to 5 digits in src_port and dst_port; AS
and a number in src_as and dst_as; anything else in sensor, sni, dns_query, http_host,
http_user_agent, http_content_type, ja3, ja3s and ja4, where * stands for any
characters, and case matters.  Columns that the table lacks are passed over.
A flowstore table asks its partition indexes for addresses, ports and values of columns
in option bitmap; a word with * reads the columns.  An empty word, negative n and a range
without time are an error (invalid_parameter_value); others are those of flow.relation and
flow.source_query.';

-------------------------------------------------------------------------
-- Tables
-------------------------------------------------------------------------

CREATE FUNCTION flow.standard_columns(
    OUT column_group text, OUT column_name text, OUT column_type text,
    OUT description text)
RETURNS SETOF record
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    VALUES
    ('core', 'ts', 'timestamptz NOT NULL', 'start of the flow'),
    ('core', 'duration_ms', 'integer', 'last packet minus first packet, milliseconds'),
    ('core', 'exporter', 'inet', 'address of the device that reported the flow'),
    ('core', 'sensor', 'text', 'name of the collector or tap'),
    ('core', 'in_if', 'integer', 'SNMP index of the interface of arrival'),
    ('core', 'out_if', 'integer', 'SNMP index of the interface of departure'),
    ('core', 'src_addr', 'inet', 'source address, IPv4 or IPv6'),
    ('core', 'dst_addr', 'inet', 'destination address, IPv4 or IPv6'),
    ('core', 'src_port', 'integer', 'source port, 0 to 65535'),
    ('core', 'dst_port', 'integer', 'destination port, 0 to 65535; for ICMP 256 * type + code'),
    ('core', 'proto', 'smallint', 'IP protocol number (IANA): 1 ICMP, 6 TCP, 17 UDP'),
    ('core', 'tcp_flags', 'smallint', 'TCP flags of all packets, ORed: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128'),
    ('core', 'tos', 'smallint', 'type of service or traffic class, the whole byte: 4 * DSCP + ECN'),
    ('core', 'packets', 'bigint', 'packets, as reported: not multiplied by sampling'),
    ('core', 'bytes', 'bigint', 'bytes of IP, headers included, as reported: not multiplied by sampling'),
    ('core', 'src_as', 'bigint', 'autonomous system number of the source, 0 if unknown'),
    ('core', 'dst_as', 'bigint', 'autonomous system number of the destination, 0 if unknown'),
    ('core', 'sampling', 'integer', 'one packet in this many was seen'),
    ('tls', 'sni', 'text', 'server name in the TLS ClientHello (RFC 6066)'),
    ('tls', 'ja3', 'text', 'JA3 fingerprint of the TLS client, 32 hexadecimal digits'),
    ('tls', 'ja3s', 'text', 'JA3S fingerprint of the TLS server, 32 hexadecimal digits'),
    ('tls', 'ja4', 'text', 'JA4 fingerprint of the TLS client'),
    ('tls', 'tls_version', 'integer', 'TLS version as on the wire: 771 is TLS 1.2, 772 is TLS 1.3'),
    ('tls', 'tls_cipher', 'integer', 'TLS cipher suite that the server chose (IANA number)'),
    ('tls', 'tls_alpn', 'text', 'application protocol that was negotiated (RFC 7301)'),
    ('dns', 'dns_query', 'text', 'name in the first DNS question'),
    ('dns', 'dns_type', 'integer', 'type of the first DNS question (IANA): 1 A, 28 AAAA'),
    ('dns', 'dns_rcode', 'smallint', 'DNS response code (IANA): 0 no error, 3 no such name'),
    ('http', 'http_host', 'text', 'HTTP host'),
    ('http', 'http_method', 'text', 'HTTP request method'),
    ('http', 'http_status', 'smallint', 'HTTP response status'),
    ('http', 'http_user_agent', 'text', 'HTTP user agent'),
    ('http', 'http_content_type', 'text', 'HTTP content type of the response'),
    ('payload', 'entropy', 'real', 'entropy of the first bytes of payload, bits per byte, 0 to 8')
$$;

COMMENT ON FUNCTION flow.standard_columns() IS
'The columns that flow.create_table makes, in order, with their units.';

CREATE FUNCTION flow.create_table(
    name text, groups text[] DEFAULT '{}',
    schema name DEFAULT pg_catalog.current_schema())
RETURNS regclass
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wanted CONSTANT text[] := array_append(coalesce(groups, '{}'), 'core');
    parts CONSTANT text[] := parse_ident(name);
    relation text;
    col record;
BEGIN
    IF EXISTS (SELECT FROM unnest(groups) g
               WHERE g IS NULL
               OR g NOT IN (SELECT column_group FROM flow.standard_columns()))
    THEN
        RAISE EXCEPTION 'column group % does not exist',
            (SELECT coalesce('"' || g || '"', 'NULL') FROM unnest(groups) g
             WHERE g IS NULL
             OR g NOT IN (SELECT column_group FROM flow.standard_columns())
             LIMIT 1)
            USING ERRCODE = 'invalid_parameter_value',
            DETAIL = 'Valid column groups are '
                || (SELECT string_agg(DISTINCT '"' || column_group || '"', ', ')
                    FROM flow.standard_columns()) || '.';
    END IF;

    IF schema IS NULL AND cardinality(parts) = 1 THEN
        RAISE EXCEPTION 'no schema has been selected to create in'
            USING ERRCODE = 'invalid_schema_name';
    END IF;
    relation := CASE cardinality(parts)
        WHEN 1 THEN format('%I.%I', schema, parts[1])
        WHEN 2 THEN format('%I.%I', parts[1], parts[2]) END;
    IF relation IS NULL THEN
        RAISE EXCEPTION 'improper table name "%"', name
            USING ERRCODE = 'syntax_error',
            HINT = 'Give a name, or a schema and a name.';
    END IF;

    EXECUTE format('CREATE TABLE %s (%s) USING flowstore', relation,
        (SELECT string_agg(format('%I %s', column_name, column_type), ', '
                           ORDER BY ordinality)
         FROM ROWS FROM (flow.standard_columns()) WITH ORDINALITY
         WHERE column_group = ANY (wanted)));
    FOR col IN SELECT * FROM flow.standard_columns()
               WHERE column_group = ANY (wanted)
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L',
                       relation, col.column_name, col.description);
    END LOOP;
    RETURN relation::regclass;
END
$$;

COMMENT ON FUNCTION flow.create_table(text, text[], name) IS
'Create a flow table with the standard columns, USING flowstore, and return it.
groups adds columns: any of tls, dns, http and payload (flow.standard_columns()
lists them); another group is an error (invalid_parameter_value).  name is an
SQL identifier, quoted if need be, with or without its schema; without, the
table is made in schema, by default the first of the caller''s search_path.
Done with the privileges of the caller; errors are those of CREATE TABLE.';

-- What must be the same after pg_upgrade; prints no OID and no size.
SET timezone = 'UTC';
SELECT 'twins', * FROM twin.diff('h', 'f');
SELECT 'damage', c FROM flow.check('f') c;
SELECT 'all', count(*), sum(hashtextextended(f::text, 0)) FROM f;
SELECT 'proto', protocol, count(*), sum(bytes) FROM f GROUP BY 2 ORDER BY 2;
SELECT 'hour', count(*) FROM f WHERE ts >= '2024-03-01 01:00+00' AND ts < '2024-03-01 02:00+00';
SELECT 'address', count(*), sum(packets) FROM f WHERE src_addr <<= '10.1.1.0/28';
SELECT 'topk', flow.topk(dst_port, 3) FROM f;
SELECT 'small', (SELECT sum(a) FROM one), (SELECT count(*) FROM empty), (SELECT count(*) FROM unlogged), m FROM m;
SELECT 'standard', count(*), sum(bytes), count(DISTINCT sni) FROM standard;
SELECT 'columns', attrelid::regclass, attname, format_type(atttypid, atttypmod) FROM pg_attribute
	WHERE attrelid IN ('f'::regclass, 'standard'::regclass) AND attnum > 0 AND NOT attisdropped ORDER BY 2, attnum;
SELECT 'label', objtype, objname, provider, label FROM pg_seclabels WHERE provider = 'flowstore' ORDER BY 3;
SELECT 'access method', relname, amname FROM pg_class c JOIN pg_am a ON a.oid = relam
	WHERE amname = 'flowstore' AND relkind IN ('r', 'm') ORDER BY 2;
-- maps of moves end as soon as no snapshot needs them
SELECT 'chunk', partition, kind, rows, ts_min, ts_max FROM flow.chunks('f') WHERE kind <> 'moved' ORDER BY 2, 4, 5;

--
-- Every type comes back with the bytes that went in.
-- Without this test: values equal to those stored, but not the same: -0, 1.00, NaN, netmasks.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA am_types;
SET search_path = am_types;

SET timezone = 'UTC';
SET datestyle = ISO;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
ALTER TYPE mood ADD VALUE 'fine' BEFORE 'ok';
CREATE TYPE pair AS (a int, b text, c numeric(8,2));
CREATE TYPE nested AS (p pair, q pair[], d date);
CREATE DOMAIN port AS int CHECK (VALUE BETWEEN 0 AND 65535);
CREATE DOMAIN word AS text NOT NULL;
CREATE DOMAIN pairs AS pair[];

-- one column a type, and the literals that go in
CREATE TABLE literals (type text, value text, n serial);
\set ECHO none
COPY literals (type, value) FROM STDIN WITH (DELIMITER '~');
bool~t
bool~f
"char"~a
"char"~
"char"~\\377
int2~0
int2~-32768
int2~32767
int4~0
int4~-2147483648
int4~2147483647
int8~0
int8~-9223372036854775808
int8~9223372036854775807
int8~4294967296
oid~0
oid~4294967295
float4~0
float4~-0
float4~1.17549435e-38
float4~1e-45
float4~-1e-45
float4~3.4028235e38
float4~NaN
float4~Infinity
float4~-Infinity
float4~0.1
float8~0
float8~-0
float8~5e-324
float8~-5e-324
float8~2.2250738585072014e-308
float8~1.7976931348623157e308
float8~NaN
float8~Infinity
float8~-Infinity
float8~0.1
float8~0.30000000000000004
float8~12345.678
float8~9007199254740993
numeric~0
numeric~0.00
numeric~1
numeric~1.0
numeric~1.00
numeric~-1.50
numeric~1e-20
numeric~123456789012345678901234567890.1234567890
numeric~NaN
numeric~Infinity
numeric~-Infinity
numeric~9999
numeric~10000
numeric~0.0001
numeric(12,3)~1.5
numeric(12,3)~-999999999.999
numeric(12,3)~0
money~$0.00
money~-$92233720368547758.08
money~$12.34
text~
text~a
text~ünï€😀
text~ leading and trailing 
text~quote " and ' and \\ back
text~(comma, paren)
varchar(10)~
varchar(10)~0123456789
varchar~free
char(5)~
char(5)~ab
char(5)~abcde
bpchar~x  
name~pg_class
name~0123456789012345678901234567890123456789012345678901234567890123
bytea~
bytea~\\x00
bytea~\\x0001ff7f80
bytea~\\xdeadbeef
date~2000-01-01
date~4713-01-01 BC
date~5874897-12-31
date~infinity
date~-infinity
time~00:00:00
time~24:00:00
time~23:59:59.999999
timetz~00:00:00+00
timetz~12:00:00.5-15:59
timetz~24:00:00+15:59
timestamp~2000-01-01 00:00:00
timestamp~4713-01-01 00:00:00 BC
timestamp~294276-12-31 23:59:59.999999
timestamp~infinity
timestamp~-infinity
timestamp~0044-03-15 12:00:00 BC
timestamptz~2024-03-10 02:30:00 America/New_York
timestamptz~infinity
timestamptz~-infinity
timestamptz~0044-03-15 12:00:00+00 BC
timestamptz~1999-12-31 23:59:59.999999+00
interval~0
interval~1 mon
interval~30 days
interval~720:00:00
interval~-178000000 years
interval~1 year -2 mons 3 days -04:05:06.789
uuid~00000000-0000-0000-0000-000000000000
uuid~a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11
uuid~ffffffff-ffff-ffff-ffff-ffffffffffff
inet~0.0.0.0
inet~255.255.255.255
inet~10.1.2.3
inet~10.1.2.3/24
inet~10.1.2.3/0
inet~10.1.2.3/31
inet~0.0.0.0/0
inet~::
inet~::1
inet~::ffff:10.1.2.3
inet~2001:db8::1
inet~2001:db8::1/64
inet~2001:db8::1/0
inet~ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
cidr~0.0.0.0/0
cidr~10.0.0.0/8
cidr~10.1.2.3/32
cidr~::/0
cidr~2001:db8::/32
cidr~2001:db8::1/128
macaddr~00:00:00:00:00:00
macaddr~ff:ff:ff:ff:ff:ff
macaddr~08:00:2b:01:02:03
macaddr8~00:00:00:00:00:00:00:00
macaddr8~08:00:2b:ff:fe:01:02:03
bit(1)~0
bit(1)~1
bit(13)~1010101010101
bit varying~
bit varying~1
bit varying~101010101
bit varying(9)~11111111
json~{"b": 1, "a":  [1, 2.50, null], "b": 2}
json~null
json~"\\u00e9"
jsonb~{"b": 1, "a": [1, 2.50, null]}
jsonb~{}
jsonb~[]
jsonb~null
jsonb~1.00
xml~<a b="1">text<c/></a>
xml~free text
tsvector~
tsvector~'fat':2A,4 'cat':3B 'rat'
tsquery~'fat':* & ( 'rat' | !'cat':A )
tsquery~'a' <2> 'b'
point~(0,0)
point~(-0,1e-300)
point~(NaN,Infinity)
line~{1,-1,0}
lseg~[(0,0),(1,1)]
box~(1,1),(0,0)
path~((0,0),(1,1),(2,0))
path~[(0,0),(1,1)]
polygon~((0,0),(1,1),(2,0))
circle~<(1,2),3.5>
int4range~empty
int4range~[1,5)
int4range~(,)
int4range~[3,)
int8range~[1,9223372036854775807)
numrange~[1.0,1.00]
numrange~(,2.5]
tsrange~["2024-01-01 00:00:00","2024-01-02 00:00:00")
tstzrange~["2024-01-01 00:00:00+00",infinity]
daterange~[2024-01-01,2024-02-01)
int4multirange~{}
int4multirange~{[1,3),[5,9)}
nummultirange~{[1.0,2.00),(5,)}
datemultirange~{[2024-01-01,2024-02-01)}
tstzmultirange~{(,"2024-01-01 00:00:00+00")}
int4[]~{}
int4[]~{1,2,3}
int4[]~{1,NULL,3}
int4[]~[-1:1]={7,8,9}
int4[]~{{1,2},{3,4}}
int4[]~[0:1][5:6]={{1,2},{3,NULL}}
text[]~{"",NULL,"NULL","a b","{}"}
float8[]~{-0,NaN,5e-324}
numeric[]~{1.0,1.00,NaN}
inet[]~{10.0.0.1,2001:db8::1/64}
bool[]~{t,f,NULL}
bytea[]~{"\\\\x00","\\\\xff"}
timestamptz[]~{infinity,"2024-01-01 00:00:00+00"}
pair[]~{"(1,a,1.50)","(,,)",NULL}
mood[]~{happy,sad}
mood~sad
mood~fine
mood~happy
pair~(1,one,1.50)
pair~(,,)
pair~(-5,"with ""quotes"", and (parens)",0.00)
nested~("(1,x,2.00)","{""(2,y,)"",NULL}",2024-01-01)
nested~(,,)
port~0
port~65535
pairs~{"(1,a,)"}
pg_lsn~0/0
pg_lsn~FFFFFFFF/FFFFFFFF
xid~4294967295
xid8~18446744073709551615
xid8~3
cid~7
tid~(0,0)
tid~(4294967295,65535)
oidvector~1 2 4294967295
int2vector~-1 0 32767
regclass~pg_class
regtype~integer
regproc~now
regrole~pg_monitor
jsonpath~$."a"[*] ? (@ > 1)
txid_snapshot~10:20:10,14,15
pg_snapshot~10:20:10,14,15
refcursor~some cursor
aclitem~=r/pg_monitor
\.
\set ECHO all
SELECT count(DISTINCT type) AS types, count(*) AS literals FROM literals;

-- rows: literal i of each type, in turn, with NULLs spread so that every
-- column starts, ends and is interrupted by some; columns of one constant too
CREATE FUNCTION build(rel text, method text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TABLE %s (id int, %s) USING %s', rel,
		(SELECT string_agg(format('%I %s', 'c' || n || ' ' || type, type), ', ' ORDER BY n)
		 FROM (SELECT type, min(n) AS n FROM literals GROUP BY type) x), method);
END $$;
SELECT build('types_h', 'heap'), build('types_f', 'flowstore');
DO $$
DECLARE
	exprs text;
BEGIN
	SELECT string_agg(format('CASE WHEN (g + %s) %% 11 NOT IN (3, 4) THEN CASE g / %s %% %s %s END END',
			n, 1 + n % 5, card, branches), ', ' ORDER BY n)
		INTO exprs
		FROM (SELECT type, min(n) AS n, count(*) AS card,
				string_agg(format('WHEN %s THEN %L::%s', i - 1, value, type), ' ' ORDER BY n) AS branches
			FROM (SELECT *, row_number() OVER (PARTITION BY type ORDER BY n) AS i FROM literals) y
			GROUP BY type) x;
	EXECUTE format('INSERT INTO types_h SELECT g, %s FROM generate_series(1, 2500) g', exprs);
END $$;
SELECT count(*) FROM types_h;

-- by INSERT .. SELECT, by single rows, by COPY in text and in binary
INSERT INTO types_f SELECT * FROM types_h;
SELECT * FROM twin.diff('types_h', 'types_f'), twin.bits('types_h', 'types_f', 'id');
TRUNCATE types_f;
DO $$
DECLARE
	row types_h;
BEGIN
	FOR row IN SELECT * FROM types_h WHERE id <= 100 LOOP
		INSERT INTO types_f VALUES (row.*);
	END LOOP;
END $$;
DELETE FROM types_h WHERE id > 1200;
INSERT INTO types_f SELECT * FROM types_h WHERE id > 100;
SELECT * FROM twin.diff('types_h', 'types_f'), twin.bits('types_h', 'types_f', 'id');
SELECT current_setting('data_directory') || '/pg_stat_tmp' AS dir \gset
\set text :dir '/am_types.txt'
\set bin :dir '/am_types.bin'
COPY types_f TO :'text';
TRUNCATE types_f;
COPY types_f FROM :'text';
SELECT * FROM twin.diff('types_h', 'types_f'), twin.bits('types_h', 'types_f', 'id');
-- aclitem has no binary form
SELECT format('ALTER TABLE %s DROP COLUMN %I', attrelid::regclass, attname) FROM pg_attribute
	WHERE attrelid IN ('types_h'::regclass, 'types_f'::regclass) AND atttypid = 'aclitem'::regtype
	ORDER BY attrelid \gexec
COPY types_f TO :'bin' (FORMAT binary);
TRUNCATE types_f;
COPY types_f FROM :'bin' (FORMAT binary);
SELECT * FROM twin.diff('types_h', 'types_f'), twin.bits('types_h', 'types_f', 'id');
SELECT twin.same('types_h', 'types_f', format('SELECT id, %I FROM %%s', attname))
	FROM pg_attribute WHERE attrelid = 'types_f'::regclass AND attnum > 0 AND NOT attisdropped
	GROUP BY 1;
-- every comparison that a type has, with each of its literals
SELECT same, count(*) AS types FROM (SELECT twin.same('types_h', 'types_f', string_agg(format('SELECT %s, %L, id FROM %%s WHERE %I %s %L::%s', l.n, op, attname, op, value, type), ' UNION ALL ')) AS same
	FROM (SELECT *, min(n) OVER (PARTITION BY type) AS first FROM literals) l
		JOIN pg_attribute ON attrelid = 'types_f'::regclass AND attname = left('c' || first || ' ' || type, 63) AND NOT attisdropped,
		unnest(ARRAY['=', '<>', '<', '<=', '>', '>=']) op
	WHERE type NOT IN ('json', 'xml', 'point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle', 'aclitem', 'xid', 'cid', 'txid_snapshot', 'pg_snapshot', 'refcursor', 'jsonpath', 'int2vector', 'tid')
	GROUP BY type) x GROUP BY same;

-- each column alone, from a table of that column alone
CREATE TABLE result (type text, same text);
DO $$
DECLARE
	t record;
BEGIN
	FOR t IN SELECT type, min(n) AS n, array_agg(value ORDER BY n) AS values FROM literals GROUP BY type LOOP
		EXECUTE format('CREATE TABLE one_h (id int, v %s)', t.type);
		EXECUTE format('CREATE TABLE one_f (id int, v %s) USING flowstore', t.type);
		FOR i IN 1..cardinality(t.values) LOOP
			EXECUTE format('INSERT INTO one_h VALUES (%s, %L)', i, t.values[i]);
			EXECUTE format('INSERT INTO one_f VALUES (%s, %L)', i, t.values[i]);
		END LOOP;
		INSERT INTO one_h VALUES (0, NULL);
		INSERT INTO one_f VALUES (0, NULL);
		INSERT INTO one_h SELECT id + 100 * g, v FROM one_h, generate_series(1, 200) g;
		INSERT INTO one_f SELECT id + 100 * g, v FROM one_f, generate_series(1, 200) g;
		INSERT INTO result SELECT t.type, format('%s %s %s', d.heap_only, d.flow_only, b)
			FROM twin.diff('one_h', 'one_f') d, twin.bits('one_h', 'one_f', 'id') b;
		DROP TABLE one_h, one_f;
	END LOOP;
END $$;
SELECT same, count(*), CASE WHEN same <> '0 0 0' THEN string_agg(type, ', ' ORDER BY type) END AS types FROM result GROUP BY same;

-- float bits that no literal gives: NaNs with sign and payload, in both widths
CREATE TABLE bits8 (id int, b bytea);
INSERT INTO bits8 VALUES (1, '\x7ff8000000000000'), (2, '\xfff8000000000000'), (3, '\x7ff8000000000123'),
	(4, '\x7ff0000000000001'), (5, '\xfff123456789abcd'), (6, '\x8000000000000000'), (7, '\x0000000000000001'),
	(8, '\x800fffffffffffff'), (9, '\x7fefffffffffffff'), (10, NULL);
CREATE TABLE bits4 (id int, b bytea);
INSERT INTO bits4 VALUES (1, '\x7fc00000'), (2, '\xffc00000'), (3, '\x7fc00123'), (4, '\x7f800001'),
	(5, '\xff912345'), (6, '\x80000000'), (7, '\x00000001'), (8, '\x807fffff'), (9, '\x7f7fffff'), (10, NULL);
CREATE TABLE f8_h (id int, v float8);
CREATE TABLE f8_f (id int, v float8) USING flowstore;
CREATE TABLE f4_h (id int, v float4);
CREATE TABLE f4_f (id int, v float4) USING flowstore;
COPY bits8 TO :'bin' (FORMAT binary);
COPY f8_h FROM :'bin' (FORMAT binary);
COPY f8_f FROM :'bin' (FORMAT binary);
COPY bits4 TO :'bin' (FORMAT binary);
COPY f4_h FROM :'bin' (FORMAT binary);
COPY f4_f FROM :'bin' (FORMAT binary);
SELECT id, float8send(v), b IS NOT DISTINCT FROM float8send(v) AS same FROM f8_f JOIN bits8 USING (id) ORDER BY id;
SELECT id, float4send(v), b IS NOT DISTINCT FROM float4send(v) AS same FROM f4_f JOIN bits4 USING (id) ORDER BY id;
INSERT INTO f8_h SELECT id + 10 * g, v FROM f8_h, generate_series(1, 300) g;
INSERT INTO f8_f SELECT id + 10 * g, v FROM f8_f, generate_series(1, 300) g;
INSERT INTO f4_h SELECT id + 10 * g, v FROM f4_h, generate_series(1, 300) g;
INSERT INTO f4_f SELECT id + 10 * g, v FROM f4_f, generate_series(1, 300) g;
SELECT twin.bits('f8_h', 'f8_f', 'id'), twin.bits('f4_h', 'f4_f', 'id');
SELECT twin.same('f8_h', 'f8_f', q) FROM unnest(ARRAY[
	'SELECT id FROM %s WHERE v = 0', 'SELECT id FROM %s WHERE v = ''NaN''', 'SELECT id FROM %s WHERE v > 1e300',
	'SELECT id FROM %s WHERE v < 0', 'SELECT id FROM %s WHERE v <= ''NaN''', 'SELECT id FROM %s WHERE v < ''NaN''',
	'SELECT min(v), max(v) FROM %s']) q;

-- expanded arrays and records out of plpgsql
CREATE TABLE expanded (id int, a int[], b text[], p pair) USING flowstore;
DO $$
DECLARE
	a int[];
	b text[] := ARRAY['x'];
	p pair;
BEGIN
	FOR i IN 1..3000 LOOP
		a[1 + i % 7] := i;
		b := b || i::text;
		IF cardinality(b) > 20 THEN
			b := NULL;
		END IF;
		p.a := i;
		p.b := repeat('z', i % 9);
		INSERT INTO expanded VALUES (i, a, b, p);
	END LOOP;
END $$;
SELECT count(*), sum(a[3]), sum(cardinality(b)), sum((p).a), sum(length((p).b)) FROM expanded;
SELECT * FROM expanded WHERE id IN (1, 2, 40, 3000) ORDER BY id;

-- domains are checked
CREATE TABLE dom (p port, w word) USING flowstore;
INSERT INTO dom VALUES (70000, 'x');
INSERT INTO dom VALUES (1, NULL);
INSERT INTO dom VALUES (1, 'x');
SELECT * FROM dom;

-- whole-row types made of a flowstore table
CREATE TABLE row_of (id int, e expanded) USING flowstore;
INSERT INTO row_of SELECT id, expanded FROM expanded WHERE id <= 50;
SELECT count(*), sum((e).id), count((e).p) FROM row_of;

-- columns of one value, of two, of all different, ascending, descending, all NULL, and none NULL
CREATE TABLE shape_h AS SELECT g AS id, 7 AS constant, g % 2 AS two, hashint4(g) AS random, -g AS down,
	NULL::int AS nothing, CASE WHEN g = 2000 THEN 1 END AS last_only, CASE WHEN g = 1 THEN 1 END AS first_only,
	NULLIF(g / 1024, 1) AS vector_null, 9223372036854775807 - g % 2 AS near_max,
	CASE WHEN g % 2 = 0 THEN -9223372036854775808 ELSE 9223372036854775807 END AS full_range,
	1000000000000 + 1000 * g AS common_divisor, 'same' AS word, md5(g::text) AS digest,
	timestamptz '2024-01-01 UTC' + g * interval '1 ms' AS ts, inet '10.0.0.0' + g % 3 AS addr, ''::text AS empty
	FROM generate_series(1, 5000) g;
CREATE TABLE shape_f USING flowstore AS SELECT * FROM shape_h;
SELECT * FROM twin.diff('shape_h', 'shape_f'), twin.bits('shape_h', 'shape_f', 'id');
SELECT twin.same('shape_h', 'shape_f', format('SELECT %I, count(*) FROM %%s GROUP BY 1', attname))
	FROM pg_attribute WHERE attrelid = 'shape_h'::regclass AND attnum > 0 GROUP BY 1;

DROP SCHEMA am_types CASCADE;

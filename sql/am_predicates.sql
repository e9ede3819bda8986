--
-- Predicates of every kind give the rows that heap gives, pruned or not.
-- Without this test: a zone map that is believed where the operator means something else.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA am_predicates;
SET search_path = am_predicates;

SET timezone = 'America/New_York';
SET datestyle = ISO;
-- collations that are not the order of bytes, where the server has them
DO $$ BEGIN
	CREATE COLLATION ignore_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
	CREATE COLLATION english (provider = icu, locale = 'en-US');
EXCEPTION WHEN OTHERS THEN
	CREATE COLLATION IF NOT EXISTS ignore_case FROM "C";
	CREATE COLLATION IF NOT EXISTS english FROM "C";
END $$;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
ALTER TYPE mood ADD VALUE 'fine' BEFORE 'ok';
CREATE DOMAIN port AS int CHECK (VALUE >= 0);
CREATE TABLE h (id int, ci text COLLATE ignore_case, en text COLLATE english, bp bpchar, n numeric, iv interval, tz timetz, oi oid,
	ch "char", x8 xid8, lsn pg_lsn, d date, ts timestamp, tstz timestamptz, t time, nm name, f4 float4, i2 int2, m money,
	lng text, u uuid, b bytea, mac macaddr, bt bit varying(20), rg int4range, arr int[], js jsonb, md mood, po port);
CREATE TABLE f (LIKE h) USING flowstore;
INSERT INTO h SELECT g,
	CASE g % 4 WHEN 0 THEN 'Abc' || g % 7 WHEN 1 THEN 'aBC' || g % 7 WHEN 2 THEN 'zzz' ELSE 'B' || g % 5 END,
	CASE g % 4 WHEN 0 THEN 'Abc' || g % 7 WHEN 1 THEN 'aBC' || g % 7 WHEN 2 THEN 'Zeta' ELSE 'b' || g % 5 END,
	'x' || repeat(' ', g % 4), (g % 10)::numeric(10,2), (g % 50) * interval '1 hour',
	('10:00:00' || CASE WHEN g % 2 = 0 THEN '+01' ELSE '+02' END)::timetz, (4294967295 - g)::oid,
	chr(1 + (g * 7) % 120)::"char", (18446744073709551615::numeric - g)::text::xid8, ('FFFFFFFF/' || to_hex(g))::pg_lsn,
	date '2024-03-01' + g % 40, timestamp '2024-03-08' + g * interval '10 min', timestamptz '2024-03-08 00:00+00' + g * interval '10 min',
	time '00:00' + g * interval '1 min', 'n' || g, g / 7.0, g % 3000, (g * 10)::text::money, repeat('p', 100) || g % 300,
	md5(g::text)::uuid, decode(md5((g % 10)::text), 'hex'), left(md5(g::text), 12)::macaddr, (g % 8)::bit(3), int4range(g, g + 5),
	ARRAY[g % 3, g], jsonb_build_object('a', g % 5), (ARRAY['sad', 'fine', 'ok', 'happy'])[1 + g % 4]::mood, g % 7
	FROM generate_series(1, 3000) g;
INSERT INTO f SELECT * FROM h;

-- what is not "same" is listed
CREATE FUNCTION ask(predicates text[]) RETURNS TABLE (same text, n bigint) LANGUAGE sql AS $$
	SELECT twin.same('h', 'f', 'SELECT id FROM %s WHERE ' || q), count(*) FROM unnest(predicates) q GROUP BY 1 ORDER BY 2 DESC $$;

-- text under a collation of its own
SELECT * FROM ask(ARRAY[
	'ci = ''abc1''', 'ci = ''ABC3''', 'ci <= ''ABC3''', 'ci > ''zzy''', 'ci in (''abc1'',''b2'')', 'ci <> ''ABC0''', 'ci like ''A%'' collate "C"',
	'en < ''abc3''', 'en = ''Abc1''', 'en > ''b2''', 'en <= ''Zeta''', 'en between ''a'' and ''c''', 'en like ''Ab%''', 'en ilike ''ab%''',
	'en < ''abc3'' collate "C"', 'en > ''a'' collate "C"']);
-- padded text, long text with a common beginning, names
SELECT * FROM ask(ARRAY[
	'bp = ''x''', 'bp = ''x  ''', 'bp < ''y''', 'bp > ''x''', 'bp >= ''x   ''', 'bp like ''x %''', 'bp::text = ''x''', 'nm = ''n5''',
	'nm > ''n5''::text', 'nm = ''n5''::text', 'nm < ''n1000''', 'nm like ''n5%''', 'lng = repeat(''p'',100)||''7''', 'lng > repeat(''p'',100)||''7''',
	'lng < repeat(''p'',100)', 'lng <= repeat(''p'',100)||''1''', 'lng > repeat(''p'',60)', 'lng < repeat(''p'',60)',
	'lng >= repeat(''p'',100)||''299''', 'lng > repeat(''p'',100)||''a''', 'lng like repeat(''p'',100)||''7%''', 'lng < repeat(''p'',64)||''q''',
	'lng > repeat(''p'',64)||''o''', 'lng = repeat(''p'',64)', 'lng in (repeat(''p'',100)||''7'', repeat(''p'',200))']);
-- values that are equal and not the same, and unsigned ones
SELECT * FROM ask(ARRAY[
	'n = 1', 'n = 1.000', 'n = 3::float8', 'n > 8', 'n in (1,2.0)', 'n = 1::bigint', 'iv = ''24 hours''', 'iv = ''1 day''', 'iv > ''1 day''',
	'iv < ''2 days''', 'iv >= ''1 day 1 hour''', 'tz = ''10:00:00+01''', 'tz = ''09:00:00+00''', 'tz < ''10:00:00+01''', 'tz > ''08:30:00+00''',
	'oi > 2147483648::oid', 'oi < 2147483648::oid', 'oi = 4294967000', 'oi > 4294967000', 'oi in (4294967000,4294966999)', 'oi < 0::oid', 'oi > 0::oid',
	'ch > ''a''', 'ch = ''b''', 'ch < ''Z''', 'ch <= ''''', 'ch > E''\177''', 'x8 > ''1''', 'x8 = ''18446744073709551000''', 'x8 < ''5''',
	'x8 >= ''9223372036854775808''', 'lsn > ''0/0''', 'lsn = ''FFFFFFFF/10''', 'lsn < ''1/0''', 'lsn < ''FFFFFFFF/20''', 'm = ''$50.00''',
	'm > ''$29,000''', 'm < ''$30''::money']);
-- other types on the other side of the operator, time zones among them
SELECT * FROM ask(ARRAY[
	'd = ''2024-03-05''', 'd > ''2024-03-05''::timestamp', 'd = ''2024-03-05''::timestamptz', 'd < ''2024-03-05 05:00+00''::timestamptz',
	'd >= timestamp ''2024-03-20 12:00''', 'd in (''2024-03-05'',''2024-03-06'')', 'd = timestamp ''2024-03-05''', 'ts > ''2024-03-10''::date',
	'ts = ''2024-03-10''::timestamptz', 'ts < timestamptz ''2024-03-10 07:30+00''',
	'ts > timestamptz ''2024-03-10 06:00+00'' and ts < timestamptz ''2024-03-10 09:00+00''', 'ts = date ''2024-03-10''', 'tstz > ''2024-03-10''::date',
	'tstz = ''2024-03-10''::timestamp', 'tstz < timestamp ''2024-03-10 03:30''', 'tstz = date ''2024-03-10''',
	'tstz >= date ''2024-03-10'' and tstz < date ''2024-03-11''', 'tstz between timestamp ''2024-03-10 01:30'' and timestamp ''2024-03-10 03:30''',
	'tstz > ''infinity''::date', 'tstz < ''-infinity''::timestamp', 't > ''12:00''', 't = ''01:00''::interval::time', 't < interval ''2 hours''',
	'f4 = 1::float8', 'f4 < 3.3::float8', 'f4 = 3.3::float4', 'f4 > 100', 'f4 = 0.14285715', 'f4 = 0.14285714285714285::float8',
	'f4 between 1 and 1.2::float8', 'i2 = 40000', 'i2 < 40000', 'i2 = 5::bigint', 'i2 > -40000', 'i2 in (5, 70000)', 'i2 = 5.0', 'i2 > 2998::int8',
	'i2 < 3::int4 and i2 > 0::int8', 'i2 = any(array[40000,5])', 'ts < tstz', 'd = ts', 'tstz > now() - interval ''100 years''',
	'tstz > current_date - 1000']);
-- types without an order that is their bytes'
SELECT * FROM ask(ARRAY[
	'u = md5(''7'')::uuid', 'u > ''f0000000-0000-0000-0000-000000000000''', 'u < ''10000000-0000-0000-0000-000000000000''',
	'b = decode(md5(''3''),''hex'')', 'b > ''\xf0''', 'b < ''\x''', 'b >= ''\xe4da3b7fbbce2345d7772b0674a318d5''', 'mac > ''f0:00:00:00:00:00''',
	'mac < ''10:00:00:00:00:00''', 'bt = B''101''', 'bt > B''11''', 'bt < B''0''', 'rg @> 7', 'rg = int4range(7,12)', 'rg > int4range(2990,2995)',
	'rg < ''empty''', 'arr = array[1,1]', 'arr > array[2,2990]', 'arr < array[0]', 'js = ''{"a":1}''', 'js > ''{"a":3}''', 'md = ''fine''',
	'md > ''fine''', 'md <= ''fine''', 'md < ''sad''', 'po = 5', 'po > 5::bigint', 'po::int <= 2']);
-- everything else a WHERE may hold
SELECT * FROM ask(ARRAY[
	'(i2, id) < (3, 100)', '(i2,id) > (2990, 5)', 'id = any(array[1,null,3]::bigint[])', 'id = any(array[1,3]::int2[])', 'id < any(array[5,10])',
	'id > all(array[2990,2995])', 'id = all(array[7])', 'id <> all(array[7,8,null])', 'not (id = any(array[1,2]))', 'id is distinct from 5',
	'id is not distinct from 5', '(id > 5) is true', '(id > 2995) is not false', 'coalesce(id,0) = 7', 'id = id', 'id < i2', 'id % 2 = 0 and id < 5',
	'id::text = ''7''', 'abs(id) = 7', '-id = -7', 'id + 0 = 7', 'id between symmetric 10 and 5', 'id = 5 or id = 2990 or ci = ''abc1''',
	'id in (select 5 union select 7)', 'exists(select 1)', 'tstz::date = ''2024-03-10''', 'date_trunc(''day'', tstz) = ''2024-03-10''',
	'extract(hour from ts) = 5', 'id > random() * 0', 'id > (random()*0)::int + 2990']);
-- a parameter of another type, and one that changes between executions
PREPARE by_time(timestamptz, date) AS SELECT count(*) FROM f WHERE ts >= $1 AND d <= $2;
PREPARE by_small(bigint) AS SELECT count(*) FROM f WHERE i2 = $1;
SET plan_cache_mode = force_generic_plan;
EXECUTE by_time('2024-03-10 05:00+00', '2024-03-20');
EXECUTE by_time('2024-03-20 05:00+00', '2024-03-30');
SET timezone = 'Asia/Tokyo';
EXECUTE by_time('2024-03-20 05:00+00', '2024-03-30');
SELECT twin.same('h', 'f', 'SELECT id FROM %s WHERE tstz >= ''2024-03-10''::date AND ts < ''2024-03-11 00:00+00''::timestamptz');
EXECUTE by_small(5);
EXECUTE by_small(40000);
EXECUTE by_small(-9223372036854775808);
EXECUTE by_small(NULL);
RESET plan_cache_mode;
DEALLOCATE ALL;

-- lists with a null, in vectors that the bounds rule out or take whole
SELECT * FROM ask(ARRAY[
	'i2 NOT IN (5000, NULL)', 'i2 NOT IN (NULL, NULL)', 'tstz NOT IN (NULL, NULL)', 'i2 IN (5000, NULL)', 'i2 > ALL (ARRAY[-1, NULL])', 'i2 >= ALL (ARRAY[NULL, -1]::int[])',
	'i2 < ALL (ARRAY[5000, NULL])', 'i2 < ANY (ARRAY[5000, NULL])', 'i2 > ANY (ARRAY[5000, NULL])', 'NOT (i2 > ANY (ARRAY[5000, NULL]))', '(i2 = ANY (ARRAY[5000, NULL])) IS NULL']);

DROP SCHEMA am_predicates CASCADE;

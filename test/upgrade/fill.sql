-- What people have in a database before its extension is updated.
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE TABLE flows_heap AS SELECT * FROM twin.flows(1, 50000);
CREATE TABLE flows_twin (LIKE flows_heap) USING flowstore;
INSERT INTO flows_twin SELECT * FROM flows_heap;

SELECT flow.create_table('flows', '{tls}');
INSERT INTO flows (ts, src_addr, dst_addr, dst_port, proto, bytes, packets)
	SELECT '2026-01-01 00:00+00'::timestamptz + g * interval '7 s', inet '10.0.0.0' + g % 100, inet '192.0.2.0' + g % 9,
		(ARRAY[443, 53, 22])[1 + g % 3], 6, g, 1 + g % 5 FROM generate_series(1, 20000) g;
SELECT flow.set('flows', retain => '9000 days');

SET flowstore.now = '2026-01-03 00:00+00';
INSERT INTO flow.service (proto, port, name) VALUES (6, 4444, 'ours');
SELECT flow.save_set('ours', '{10.0.0.0/24}');
SELECT flow.create_rollup('per_hour', '{dst_port}', '{"bytes": "sum(bytes)"}', relation => 'flows', levels => '{"1 hour": "100 years"}');
SELECT flow.refresh_rollup('per_hour');
SELECT flow.schedule('scans', 'SELECT * FROM flow.scans()', '1 hour', 'flows');
SELECT flow.update_host_seen(relation => 'flows');

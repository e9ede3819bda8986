-- A day of samples, as flow.watch_health() takes them each minute, every 10 minutes before that for 29 days; the last ones by itself.
INSERT INTO flow.collector_health
SELECT t, c.name, t - interval '3 s', CASE WHEN t < now() - interval '10 h' THEN c.started ELSE now() - interval '10 h' END,
       5000 + 3000 * sin(extract(epoch FROM t) / 86400 * 6.2832), 0.5 + i % 7, 100 * (i % 13), 1048576 * (i % 17), c.exporters,
       CASE WHEN i % 40 < 20 THEN jsonb_build_object('sequence_missed_records', i * 3, 'ipfix_malformed', i / 100)
            ELSE jsonb_build_object('sequence_missed_records', i * 3, 'ipfix_malformed', i / 100, 'sets_unparkable', i / 7) END, i / 50
FROM (SELECT t, row_number() OVER (ORDER BY t) AS i
      FROM (SELECT generate_series(date_trunc('minute', now()) - interval '30 days', now() - interval '1 day', '10 min')
            UNION ALL SELECT generate_series(date_trunc('minute', now()) - interval '1435 min', now() - interval '2 min', '1 min')) g(t)) g, flow.collectors c;

INSERT INTO flow.exporter_health
SELECT h.ts, e.collector, e.address, e.version, e.domain, h.ts - CASE WHEN e.domain = 4 AND h.ts > now() - interval '1 h' THEN interval '10 min' ELSE interval '2 s' END,
       (extract(epoch FROM h.ts - now() + interval '31 days') * 1000)::bigint / e.domain, 1000.0 / e.domain,
       (extract(epoch FROM h.ts - now() + interval '31 days') / 900)::bigint, (extract(epoch FROM h.ts - now() + interval '31 days') / 60)::bigint, 4
FROM flow.collector_health h JOIN flow.exporters e ON e.collector = h.collector;

INSERT INTO flow.table_health
SELECT h.ts, 'flows', s.rows * part, 0, 10, s.partitions, s.chunks, s.file_bytes * part, s.free_bytes, s.directory_bytes, s.bytes_loaded * part,
       s.bytes_rewritten * part, (s.rows * part)::bigint % 50000, (s.rows * part)::bigint % 400000, 0, 1e12, 6e11 - 1e11 * part, 1e5 * part, 3e7 * part, 2.9e7 * part
FROM (SELECT ts, 0.1 + 0.9 * extract(epoch FROM ts - now() + interval '30 days') / 2592000 AS part FROM flow.collector_health GROUP BY ts) h,
     flow.stats('flows') s;

INSERT INTO flow.worker_health
SELECT ts, extract(epoch FROM ts - now() + interval '31 days') / 60, extract(epoch FROM ts - now() + interval '31 days') * 1000,
       extract(epoch FROM ts - now() + interval '31 days') * 50000, 0
FROM flow.table_health;

SELECT flow.watch_health('flows');

-- what the detections find in the last day, and indicators, as flow.schedule_detections() writes it
SELECT flow.load_indicators('botnet', (SELECT string_agg(host(dst_addr), E'\n') FROM (
    SELECT dst_addr FROM flows WHERE ts > now() - interval '6 h' AND NOT flow.is_internal(dst_addr) GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 5) x), severity => 'high');
SELECT flow.update_host_seen('flows', now() - interval '3 days', now());
INSERT INTO flow.alert (ts, rule, severity, score, src_addr, dst_addr, dst_port, dedup_key, raised, evidence)
SELECT f.first_seen, f.detection, f.severity, f.score, f.src_addr, f.dst_addr, f.dst_port,
       flow.alert_key(f.detection, f.src_addr, f.dst_addr, f.dst_port), now() - interval '2 min', f.evidence || jsonb_build_object('flows', f.flows, 'bytes', f.bytes, 'last_seen', f.last_seen)
FROM flow.hunt('flows', now() - interval '1 day', now(), minimum => 'low', n => 500) f;
INSERT INTO flow.alert (ts, rule, severity, src_addr, dst_addr, dedup_key, raised, evidence)
SELECT m.ts, 'indicator', m.severity, m.src_addr, m.dst_addr, m.dedup_key, now() - interval '2 min', m.evidence
FROM flow.match_indicators(now() - interval '1 day', now(), 'flows') m LIMIT 500;
SELECT flow.schedule_detections(relation => 'flows');

-- interfaces, of which somebody knows the speed
INSERT INTO flow.interface (exporter, if_index, name, speed_bps, customer)
SELECT exporter, in_if, 'ge-0/0/' || in_if, 10000000000, CASE WHEN in_if % 2 = 0 THEN 'customer ' || in_if END
FROM flows WHERE exporter IS NOT NULL AND in_if IS NOT NULL GROUP BY 1, 2;

-- Two collectors and the exporters of the flows, as flowcollectd writes them (collector/status_write.c).
INSERT INTO flow.collectors (name, host, pid, version, started, last_seen, rows_per_second, lag, queue_rows, spool_bytes, exporters, drops, refused)
VALUES ('edge1', 'edge1.example.net', 4711, '1.0', now() - interval '30 days', now() - interval '4 s', 8123.5, interval '1.2 s', 1200, 4194304, 4,
        '{"kernel_drops": 1200, "template_missing": 40, "spool_full": 3}', '{"203.0.113.0/24": 12}'),
       ('edge2', 'edge2.example.net', 4712, '1.0', now() - interval '2 days', now() - interval '6 min', 0, interval '6 min', 0, 0, 1, '{}', '{}');

INSERT INTO flow.exporters (collector, address, version, domain, last_seen, records, records_per_second, gaps, missed, templates)
SELECT CASE WHEN i = 4 THEN 'edge2' ELSE 'edge1' END, e.exporter, (ARRAY[5, 9, 10, 105])[i], i, now() - i * interval '3 s' - CASE WHEN i = 4 THEN interval '1 hour' ELSE '0' END,
       e.n * 3, e.n / 86400.0, i, i * 37, CASE WHEN i IN (2, 3) THEN 4 ELSE 0 END
FROM (SELECT exporter, count(*) AS n, row_number() OVER (ORDER BY exporter) AS i FROM flows WHERE exporter IS NOT NULL GROUP BY exporter LIMIT 4) e;

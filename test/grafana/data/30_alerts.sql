-- Alerts of the last 30 days: some about the busiest hosts, repeated, allowed and acknowledged ones.
INSERT INTO flow.alert (ts, rule, severity, score, src_addr, dst_addr, dst_port, dedup_key, evidence, raised)
SELECT a.ts, a.rule, a.severity::flow.severity, a.score, h.src_addr, h.dst_addr, 443,
       flow.alert_key(a.rule, h.src_addr, h.dst_addr, 443), jsonb_build_object('flows', a.i), a.ts + interval '90 s'
FROM (SELECT i, now() - i * interval '97 min' AS ts, i * 1.5 AS score, i % 5 AS host,
             (ARRAY['scan', 'flood', 'beacon', 'exfiltration', 'brute force'])[i % 5 + 1] AS rule,
             (ARRAY['info', 'low', 'medium', 'high', 'critical'])[i % 7 % 5 + 1] AS severity
      FROM generate_series(1, 400) i) a
JOIN (SELECT src_addr, dst_addr, row_number() OVER (ORDER BY sum(bytes) DESC) - 1 AS i FROM flows
      WHERE ts >= now() - interval '1 day' GROUP BY 1, 2 ORDER BY sum(bytes) DESC LIMIT 5) h ON h.i = a.host;

INSERT INTO flow.alert (ts, rule, severity, score, src_addr, dst_addr, dst_port, dedup_key, evidence, raised)
SELECT ts + interval '2 min', rule, severity, score + 1, src_addr, dst_addr, dst_port, dedup_key, evidence, raised + interval '2 min'
FROM flow.alert WHERE rule IN ('scan', 'flood');

SELECT flow.allow('backup at night', 'exfiltration', (SELECT src_addr FROM flow.alert WHERE rule = 'exfiltration' LIMIT 1));
SELECT flow.acknowledge(dedup_key, 'known', max(ts)) FROM flow.alert WHERE rule = 'flood' GROUP BY dedup_key;

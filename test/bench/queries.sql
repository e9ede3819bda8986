# name|SQL.  flows and iocs become the tables of the run; {needle} is an address with about 5 rows in a million,
# {hin} and {hout} the busiest inside and outside, {h0} and {h1} an hour in the middle.  Every answer is unique.
count_all|SELECT count(*) FROM flows
sum_bytes|SELECT sum(bytes) FROM flows
top_talkers_all|SELECT src_addr, sum(bytes) AS total FROM flows GROUP BY src_addr ORDER BY total DESC, src_addr LIMIT 10
top_talkers_hour|SELECT src_addr, sum(bytes) AS total FROM flows WHERE ts >= '{h0}' AND ts < '{h1}' GROUP BY src_addr ORDER BY total DESC, src_addr LIMIT 10
needle_rows|SELECT * FROM flows WHERE src_addr = '{needle}' OR dst_addr = '{needle}' ORDER BY ts DESC, src_addr, dst_addr, src_port, dst_port, bytes LIMIT 100
needle_count|SELECT count(*) FROM flows WHERE src_addr = '{needle}'
heavy_ip_ports|SELECT dst_port, count(*) AS n, sum(bytes) FROM flows WHERE src_addr = '{hin}' GROUP BY dst_port ORDER BY n DESC, dst_port LIMIT 10
port666|SELECT * FROM flows WHERE dst_port = 666 ORDER BY ts, src_addr, dst_addr, src_port, bytes LIMIT 1000
pair_ports|SELECT dst_port, count(*) AS n FROM flows WHERE src_addr = '{hin}' AND dst_addr = '{hout}' GROUP BY dst_port ORDER BY n DESC, dst_port LIMIT 10
subnet_hours|SELECT date_trunc('hour', ts) AS hour, sum(bytes) FROM flows WHERE src_addr <<= '10.12.0.0/16' GROUP BY hour ORDER BY hour
series_5min_proto|SELECT date_bin('5 minutes', ts, '2025-01-01') AS bin, proto, count(*), sum(bytes) FROM flows GROUP BY bin, proto ORDER BY bin, proto
fanout_all|SELECT src_addr, count(DISTINCT dst_addr) AS peers FROM flows GROUP BY src_addr ORDER BY peers DESC, src_addr LIMIT 10
dst_port_entropy_hour|WITH ports AS (SELECT src_addr, dst_port, count(*)::float8 AS n FROM flows WHERE ts >= '{h0}' AND ts < '{h1}' GROUP BY src_addr, dst_port), shares AS (SELECT src_addr, n / sum(n) OVER (PARTITION BY src_addr) AS p FROM ports) SELECT src_addr, round((-sum(p * ln(p)) / ln(2))::numeric, 6) AS bits FROM shares GROUP BY src_addr ORDER BY bits DESC, src_addr LIMIT 10
v4_v6|SELECT family(src_addr) AS version, count(*) FROM flows WHERE ts >= '{h0}' AND ts < '{h1}' GROUP BY version ORDER BY version
dns_top_src|SELECT src_addr, count(*) AS n FROM flows WHERE dst_port = 53 GROUP BY src_addr ORDER BY n DESC, src_addr LIMIT 10
top_sni|SELECT sni, count(*) AS n FROM flows WHERE sni IS NOT NULL GROUP BY sni ORDER BY n DESC, sni LIMIT 10
syn_scanners|SELECT src_addr, count(DISTINCT dst_addr) AS targets FROM flows WHERE tcp_flags = 2 GROUP BY src_addr HAVING count(DISTINCT dst_addr) > 100 ORDER BY targets DESC, src_addr LIMIT 10
window_10s|SELECT * FROM flows WHERE ts >= '{h0}' AND ts < '{h0}'::timestamptz + interval '10 seconds' ORDER BY ts, src_addr, dst_addr, src_port, dst_port, bytes LIMIT 1000
ioc_join|SELECT f.dst_addr, count(*) AS n, min(f.ts), max(f.ts) FROM flows AS f JOIN iocs AS i ON i.addr = f.dst_addr GROUP BY f.dst_addr ORDER BY n DESC, f.dst_addr LIMIT 20
wide_avg|SELECT proto, avg(bytes), avg(packets), max(duration_ms), min(entropy), stddev(bytes) FROM flows GROUP BY proto ORDER BY proto

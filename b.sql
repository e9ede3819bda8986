\timing on
set max_parallel_workers_per_gather=0;
set flowstore.enable_join_filter=on;
\echo @ on
SELECT f.dst_addr, count(*) AS n, min(f.ts), max(f.ts) FROM flows AS f JOIN iocs AS i ON i.addr = f.dst_addr GROUP BY f.dst_addr ORDER BY n DESC, f.dst_addr LIMIT 20 \g /dev/null
set flowstore.enable_join_filter=off;
\echo @ off
SELECT f.dst_addr, count(*) AS n, min(f.ts), max(f.ts) FROM flows AS f JOIN iocs AS i ON i.addr = f.dst_addr GROUP BY f.dst_addr ORDER BY n DESC, f.dst_addr LIMIT 20 \g /dev/null
set flowstore.enable_join_filter=on;
\echo @ on
SELECT f.dst_addr, count(*) AS n, min(f.ts), max(f.ts) FROM flows AS f JOIN iocs AS i ON i.addr = f.dst_addr GROUP BY f.dst_addr ORDER BY n DESC, f.dst_addr LIMIT 20 \g /dev/null
set flowstore.enable_join_filter=off;
\echo @ off
SELECT f.dst_addr, count(*) AS n, min(f.ts), max(f.ts) FROM flows AS f JOIN iocs AS i ON i.addr = f.dst_addr GROUP BY f.dst_addr ORDER BY n DESC, f.dst_addr LIMIT 20 \g /dev/null
set flowstore.enable_join_filter=on;
\echo @ on
SELECT f.dst_addr, count(*) AS n, min(f.ts), max(f.ts) FROM flows AS f JOIN iocs AS i ON i.addr = f.dst_addr GROUP BY f.dst_addr ORDER BY n DESC, f.dst_addr LIMIT 20 \g /dev/null
set flowstore.enable_join_filter=off;
\echo @ off
SELECT f.dst_addr, count(*) AS n, min(f.ts), max(f.ts) FROM flows AS f JOIN iocs AS i ON i.addr = f.dst_addr GROUP BY f.dst_addr ORDER BY n DESC, f.dst_addr LIMIT 20 \g /dev/null
set flowstore.enable_join_filter=on;
\echo @ on
SELECT f.dst_addr, count(*) AS n, min(f.ts), max(f.ts) FROM flows AS f JOIN iocs AS i ON i.addr = f.dst_addr GROUP BY f.dst_addr ORDER BY n DESC, f.dst_addr LIMIT 20 \g /dev/null
set flowstore.enable_join_filter=off;
\echo @ off
SELECT f.dst_addr, count(*) AS n, min(f.ts), max(f.ts) FROM flows AS f JOIN iocs AS i ON i.addr = f.dst_addr GROUP BY f.dst_addr ORDER BY n DESC, f.dst_addr LIMIT 20 \g /dev/null
set flowstore.enable_join_filter=on;
\echo @ on
SELECT f.dst_addr, count(*) AS n, min(f.ts), max(f.ts) FROM flows AS f JOIN iocs AS i ON i.addr = f.dst_addr GROUP BY f.dst_addr ORDER BY n DESC, f.dst_addr LIMIT 20 \g /dev/null
set flowstore.enable_join_filter=off;
\echo @ off
SELECT f.dst_addr, count(*) AS n, min(f.ts), max(f.ts) FROM flows AS f JOIN iocs AS i ON i.addr = f.dst_addr GROUP BY f.dst_addr ORDER BY n DESC, f.dst_addr LIMIT 20 \g /dev/null
set flowstore.enable_join_filter=on;
\echo @ on
SELECT f.dst_addr, count(*) AS n, min(f.ts), max(f.ts) FROM flows AS f JOIN iocs AS i ON i.addr = f.dst_addr GROUP BY f.dst_addr ORDER BY n DESC, f.dst_addr LIMIT 20 \g /dev/null
set flowstore.enable_join_filter=off;
\echo @ off
SELECT f.dst_addr, count(*) AS n, min(f.ts), max(f.ts) FROM flows AS f JOIN iocs AS i ON i.addr = f.dst_addr GROUP BY f.dst_addr ORDER BY n DESC, f.dst_addr LIMIT 20 \g /dev/null
set flowstore.enable_join_filter=on;
\echo @ on
SELECT f.dst_addr, count(*) AS n, min(f.ts), max(f.ts) FROM flows AS f JOIN iocs AS i ON i.addr = f.dst_addr GROUP BY f.dst_addr ORDER BY n DESC, f.dst_addr LIMIT 20 \g /dev/null
set flowstore.enable_join_filter=off;
\echo @ off
SELECT f.dst_addr, count(*) AS n, min(f.ts), max(f.ts) FROM flows AS f JOIN iocs AS i ON i.addr = f.dst_addr GROUP BY f.dst_addr ORDER BY n DESC, f.dst_addr LIMIT 20 \g /dev/null

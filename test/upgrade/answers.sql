-- What must be the same after an update of the extension; prints no OID.
SET timezone = 'UTC';
SET flowstore.now = '2026-01-03 00:00+00';
SELECT 'twins', * FROM twin.diff('flows_heap', 'flows_twin');
SELECT 'damage', t, c FROM unnest('{flows,flows_twin}'::regclass[]) t, flow.check(t) c;
SELECT 'flows', count(*), sum(bytes), sum(hashtextextended(f::text, 0)) FROM flows f;
SELECT 'top', * FROM flow.top('src_addr', n => 3, since => '2026-01-01', until => '2026-01-03');
SELECT 'label', objname, label FROM pg_seclabels WHERE provider = 'flowstore' ORDER BY 2;
SELECT 'port', flow.port_name(4444), flow.port_name(443);
SELECT 'set', inet '10.0.0.7' OPERATOR(flow.<@) flow.saved_set('ours');
SELECT 'rollup', count(*), sum(bytes) FROM per_hour_1h;
SELECT 'schedule', name, every FROM flow.schedules ORDER BY 2;
SELECT 'host', count(*), min(first_seen), max(last_seen), sum(flows) FROM flow.host_seen;

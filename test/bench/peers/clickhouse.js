'use strict';
// ClickHouse (chdb, the server as a library): MergeTree as its documentation advises for logs.
//
// Sorted by hour and source, so that an hour is one range and a source few; bloom filters for addresses that the order does
// not help; ZSTD, with differences for the time; few Nullable columns; strings that repeat as LowCardinality.  One part, as
// merges leave it in the end (settle).

const TABLE = `CREATE TABLE flows (
	ts DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)), duration_ms Int32 CODEC(ZSTD(1)), exporter IPv6 CODEC(ZSTD(1)),
	in_if UInt32 CODEC(ZSTD(1)), out_if UInt32 CODEC(ZSTD(1)), src_addr IPv6 CODEC(ZSTD(1)), dst_addr IPv6 CODEC(ZSTD(1)),
	src_port UInt16 CODEC(ZSTD(1)), dst_port UInt16 CODEC(ZSTD(1)), proto UInt8 CODEC(ZSTD(1)), tcp_flags UInt8 CODEC(ZSTD(1)),
	tos UInt8 CODEC(ZSTD(1)), packets UInt64 CODEC(ZSTD(1)), bytes UInt64 CODEC(ZSTD(1)), src_as UInt32 CODEC(ZSTD(1)),
	dst_as UInt32 CODEC(ZSTD(1)), sni LowCardinality(String) CODEC(ZSTD(1)), ja4 LowCardinality(String) CODEC(ZSTD(1)),
	entropy Nullable(Float32) CODEC(ZSTD(1)),
	INDEX src_bloom src_addr TYPE bloom_filter(0.01) GRANULARITY 1,
	INDEX dst_bloom dst_addr TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = MergeTree ORDER BY (toStartOfHour(ts), src_addr, ts)`;

// the rows of TabSeparated; IPv4 comes as ::ffff:a.b.c.d
function rowsOf(text)
{
	return text.split('\n').slice(0, -1).map((line) =>
		line.split('\t').map((field) => (field === '\\N' ? '' : field.replace(/^::ffff:(?=\d+\.)/, ''))));
}

async function open({ dir, threads })
{
	const { Session } = require('chdb');
	const session = new Session(dir);
	// the default database shows the files of the working directory as tables
	session.query('CREATE DATABASE IF NOT EXISTS bench');
	session.query('USE bench');
	session.query(`SET max_threads = ${threads}`);
	session.query(`SET max_insert_threads = ${threads}`);
	return {
		run: (sql) => session.query(sql, 'TabSeparated'),
		ask: async (sql) => {
			const text = session.query(sql, 'TabSeparated');
			return () => rowsOf(text);
		},
		close: () => session.close(),
	};
}

async function load({ rows, iocs, dir, threads })
{
	const session = await open({ dir, threads });
	const timed = (sql) => {
		const started = process.hrtime.bigint();
		session.run(sql);
		return Number(process.hrtime.bigint() - started) / 1e6;
	};

	session.run(TABLE);
	const ms = timed(`INSERT INTO flows SELECT * FROM file('${rows}', 'TSV')
		SETTINGS date_time_input_format = 'best_effort', input_format_null_as_default = 1`);
	const settle = timed('OPTIMIZE TABLE flows FINAL');
	session.run('CREATE TABLE iocs (addr IPv6) ENGINE = MergeTree ORDER BY addr');
	session.run(`INSERT INTO iocs SELECT * FROM file('${iocs}', 'TSV')`);
	const [version, bytes] = session.run(
		`SELECT version(), sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'bench' AND table = 'flows'`).trim().split('\t');
	session.close();
	return { version, ms, settle, bytes: Number(bytes) };
}

module.exports = { load, open };

'use strict';
// DuckDB: one file, rows in the order of their arrival, addresses as UHUGEINT.
//
// The package has no type for addresses.  A number of 128 bits, IPv4 as ::ffff:a.b.c.d, is found and grouped several times
// faster than text, and takes more space.  Text is turned into it in SQL while loading, which is part of the loading time.

const fs = require('fs');
const path = require('path');
const { addressNumber, addressText } = require('./address');

const ADDRESS = 'UHUGEINT';
const COLUMNS = {
	ts: 'TIMESTAMP', duration_ms: 'INTEGER', exporter: ADDRESS, in_if: 'INTEGER', out_if: 'INTEGER', src_addr: ADDRESS,
	dst_addr: ADDRESS, src_port: 'USMALLINT', dst_port: 'USMALLINT', proto: 'UTINYINT', tcp_flags: 'UTINYINT', tos: 'UTINYINT',
	packets: 'BIGINT', bytes: 'BIGINT', src_as: 'UINTEGER', dst_as: 'UINTEGER', sni: 'VARCHAR', ja4: 'VARCHAR', entropy: 'FLOAT',
};

const MACROS = [
	`CREATE MACRO addr4(t) AS list_reduce([x::UBIGINT FOR x IN string_split(t, '.')], lambda a, b: a * 256 + b)`,
	`CREATE MACRO groups(t) AS list_transform(list_filter(string_split(t, ':'), lambda x: x <> ''),
		lambda x: ('0x0' || x)::UBIGINT::UHUGEINT)`,
	`CREATE MACRO addr6_of(list) AS list_reduce(list, lambda a, b: a * 65536 + b)`,
	`CREATE MACRO addr6(t) AS CASE WHEN contains(t, '::')
		THEN addr6_of(list_concat(groups(split_part(t, '::', 1)),
			list_resize([]::UHUGEINT[], 8 - len(groups(split_part(t, '::', 1))) - len(groups(split_part(t, '::', 2))), 0::UHUGEINT),
			groups(split_part(t, '::', 2))))
		ELSE addr6_of(groups(t)) END`,
	`CREATE MACRO addr(t) AS CASE WHEN contains(t, ':') THEN addr6(t) ELSE 281470681743360::UHUGEINT + addr4(t) END`,
];

const file = (dir) => path.join(dir, 'flows.duckdb');

async function open({ dir, threads })
{
	const { DuckDBInstance } = require('@duckdb/node-api');
	const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) });
	const connection = await instance.connect();
	await connection.run(`SET timezone = 'UTC'`);
	await connection.run(`ATTACH '${file(dir)}' AS bench (STORAGE_VERSION 'latest')`);
	await connection.run('USE bench');
	// by default 50; the columns of rows that an OR has let pass are then fetched last, for LIMIT 100, too
	await connection.run('SET late_materialization_max_rows = 100');
	return {
		connection,
		// the macro is only for loading: in a query it would cost several ms of planning
		ask: async (sql) => {
			const answer = await connection.runAndReadAll(
				sql.replace(/\baddr\('([^']*)'\)/g, (_, text) => `${addressNumber(text)}::${ADDRESS}`));
			return () => rowsOf(answer);
		},
		close: () => connection.closeSync(),
	};
}

// the shortest text that gives the same 4-byte float
function floatText(value)
{
	for (let digits = 1; digits < 9; digits++)
		if (Math.fround(Number(value.toPrecision(digits))) === value)
			return String(Number(value.toPrecision(digits)));
	return String(value);
}

function rowsOf(answer)
{
	const types = answer.columnTypes().map(String);
	return answer.getRows().map((row) => row.map((value, i) => {
		if (value === null)
			return '';
		if (types[i] === ADDRESS)
			return addressText(value);
		return types[i] === 'FLOAT' ? floatText(value) : String(value);
	}));
}

function selectRows(rows)
{
	const columns = Object.entries(COLUMNS).map(([name, type]) =>
		`'${name}': '${type === ADDRESS ? 'VARCHAR' : type === 'TIMESTAMP' ? 'TIMESTAMPTZ' : type}'`);
	const addresses = Object.keys(COLUMNS).filter((name) => COLUMNS[name] === ADDRESS);
	const replaced = ['ts::TIMESTAMP AS ts', ...addresses.map((name) => `addr(${name}) AS ${name}`)];
	return `SELECT * REPLACE (${replaced.join(', ')}) FROM read_csv('${rows}', delim = '\t', header = false, nullstr = '\\N',
		quote = '', escape = '', columns = {${columns.join(', ')}})`;
}

async function load({ rows, iocs, dir, threads })
{
	const session = await open({ dir, threads });
	const run = (sql) => session.connection.run(sql);
	const version = (await session.connection.runAndReadAll('SELECT version()')).getRows()[0][0];

	for (const macro of MACROS)
		await run(macro);
	const started = process.hrtime.bigint();
	await run(`CREATE TABLE flows AS ${selectRows(rows)}`);
	await run('CHECKPOINT');
	const ms = Number(process.hrtime.bigint() - started) / 1e6;
	const bytes = fs.statSync(file(dir)).size;
	await run(`CREATE TABLE iocs AS SELECT addr(a) AS addr FROM read_csv('${iocs}', header = false, columns = {'a': 'VARCHAR'})`);
	session.close();
	return { version, ms, settle: 0, bytes };
}

module.exports = { load, open };

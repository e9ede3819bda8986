'use strict';
// All systems side by side.
//
//	report.js RESULTS ROWS THREADS
//		reads systems.tsv, queries.tsv and peers.tsv of folder RESULTS; prints the tables, writes report.tsv and report.svg
//
// heap and flowstore count with the median, peers with their best time.  "/ best peer" is the geometric mean of a system's
// time divided by the best time of any system but flowstore, over the queries whose answers were compared and are equal.

const fs = require('fs');
const path = require('path');
const { draw } = require('./plot');

function lines(file)
{
	return fs.existsSync(file)
		? fs.readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map((line) => line.split('\t')) : [];
}

// { systems: [name], queries: [name], cell: Map('query system' -> { ms, answer }) }
function gather(folder)
{
	const cell = new Map();
	const queries = [];
	const systems = lines(path.join(folder, 'systems.tsv')).map(([name]) => name);
	for (const [query, heap, flow, , answer] of lines(path.join(folder, 'queries.tsv')).slice(1)) {
		queries.push(query);
		cell.set(`${query} ${systems[0]}`, { ms: Number(heap), answer: 'equal' });
		cell.set(`${query} ${systems[1]}`, { ms: Number(flow), answer });
	}
	for (const [query, system, best, , answer] of lines(path.join(folder, 'peers.tsv')))
		cell.set(`${query} ${system}`, { ms: Number(best), answer });
	return { systems, queries, cell };
}

// undefined where the answer is not that of heap
function time({ cell }, query, system)
{
	const found = cell.get(`${query} ${system}`);
	return found && Number.isFinite(found.ms) && found.answer === 'equal' ? found.ms : undefined;
}

function best(data, query, systems)
{
	return Math.min(...systems.map((system) => time(data, query, system) ?? Infinity));
}

// [geometric mean, number of queries]
function mean(data, system)
{
	const others = data.systems.filter((name) => name !== data.systems[1]);
	const ratios = data.queries.filter((query) => time(data, query, system) !== undefined)
		.map((query) => time(data, query, system) / best(data, query, others)).filter((ratio) => ratio > 0 && ratio < Infinity);
	return [Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length), ratios.length];
}

function milliseconds(ms)
{
	return ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2);
}

function table(rows)
{
	const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
	return rows.map((row) =>
		row.map((field, i) => (i === 0 ? field.padEnd(widths[i]) : field.padStart(widths[i]))).join('  ').trimEnd()).join('\n');
}

function systemTable(folder, rows)
{
	const head = ['system', 'version', 'load s', 'settle s', 'B/row', 'load MB', 'query MB'];
	return table([head, ...lines(path.join(folder, 'systems.tsv')).map(([name, version, ms, settle, bytes, load, ask]) =>
		[name, version, (ms / 1000).toFixed(2), (settle / 1000).toFixed(2), (bytes / rows).toFixed(1),
			(load / 1024).toFixed(0), (ask / 1024).toFixed(0)])]);
}

function queryTable(data)
{
	const rows = data.queries.map((query) => [query, ...data.systems.map((system) => {
		const found = data.cell.get(`${query} ${system}`);
		if (!found)
			return '-  ';
		if (found.answer === 'not compared')
			return `${milliseconds(found.ms)} ~`;
		if (found.answer !== 'equal' || !Number.isFinite(found.ms))
			return found.answer === 'DIFFERENT' ? 'WRONG  ' : 'error  ';
		return milliseconds(found.ms) + (found.ms === best(data, query, data.systems) ? ' *' : '  ');
	})]);
	const means = data.systems.map((system) => mean(data, system));
	return table([['ms', ...data.systems.map((name) => `${name}  `)], ...rows,
		['/ best peer', ...means.map(([value]) => (Number.isFinite(value) ? `${value.toFixed(2)}  ` : '-  '))],
		['queries', ...means.map(([, count]) => `${count}  `)]]);
}

function main([folder, rows, threads])
{
	const data = gather(folder);
	const facts = fs.readFileSync(path.join(folder, 'machine.txt'), 'utf8');
	const tsv = [['query', ...data.systems], ...data.queries.map((query) =>
		[query, ...data.systems.map((system) => time(data, query, system) ?? '')])];

	fs.writeFileSync(path.join(folder, 'report.tsv'), tsv.map((row) => row.join('\t') + '\n').join(''));
	fs.writeFileSync(path.join(folder, 'report.svg'), draw({
		title: `${Number(rows).toLocaleString('en')} flows, ${threads} threads, milliseconds`,
		systems: data.systems, queries: data.queries, time: (query, system) => time(data, query, system) }));
	process.stdout.write(`${rows} rows, ${threads} threads\n${facts}\n${systemTable(folder, Number(rows))}\n\n${queryTable(data)}\n\n`
		+ '* best; ~ answer not compared; - cannot be asked\n');
}

main(process.argv.slice(2));

'use strict';
// Are the answers of a peer those of PostgreSQL?
//
//	answers.js SYSTEM QUESTIONS ANSWERS
//		reads lines query, best ms, median ms; prints query, SYSTEM, best, median, and equal, DIFFERENT, "not compared" or error
//
// Compared without regard to order: whole rows of text, times without their zone, numbers to 9 digits.  A question that ends
// in "= name N" is compared in column N alone.

const fs = require('fs');
const path = require('path');

function normal(field)
{
	if (/^-?\d+$/.test(field))
		return field;
	if (/^-?\d*\.?\d+(e[-+]?\d+)?$/i.test(field))
		return String(Number(Number(field).toPrecision(9)) + 0);
	if (/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.test(field))
		return field.replace(/\+00$/, '').replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
	return field;
}

// column is undefined for all, else counted from 1
function lines(text, column)
{
	const rows = text.split('\n').slice(0, -1).map((line) => line.split('\t').map(normal));
	return rows.map((row) => (column ? row[column - 1] : row.join('\t'))).sort();
}

function verdict(system, query, text, dir)
{
	const expected = fs.readFileSync(path.join(dir, `${query}.bench_heap`), 'utf8');
	const found = fs.readFileSync(path.join(dir, `${query}.${system}`), 'utf8');
	const column = / = \S+ (\d+)$/.exec(text);
	if (system === 'nfdump' && !column)
		return 'not compared';
	const [a, b] = column ? [lines(expected, Number(column[1])), lines(found, 1)] : [lines(expected), lines(found)];
	return a.length === b.length && a.every((line, i) => line === b[i]) ? 'equal' : 'DIFFERENT';
}

function main([system, questions, dir])
{
	const texts = new Map(fs.readFileSync(questions, 'utf8').split('\n').filter((line) => line !== '')
		.map((line) => [line.slice(0, line.indexOf('|')), line.slice(line.indexOf('|') + 1)]));
	for (const line of fs.readFileSync(0, 'utf8').split('\n').filter((text) => text !== '')) {
		const [query, best, median] = line.split('\t');
		const result = best === 'error' ? 'error' : verdict(system, query, texts.get(query), dir);
		process.stdout.write(`${query}\t${system}\t${best}\t${median}\t${result}\n`);
	}
}

main(process.argv.slice(2));

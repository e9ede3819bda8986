'use strict';
// One peer, in a process of its own so that its memory can be told.
//
//	peer.js load SYSTEM ROWS IOCS DIR THREADS
//		prints: version, ms to load, ms to settle, bytes, peak kB
//	peer.js ask SYSTEM QUESTIONS DIR THREADS REPEATS ANSWERS
//		QUESTIONS has lines name|text.  Prints for each: name, best ms, median ms, or "error" twice; at the end "peak", kB.
//		The first answer to each goes to ANSWERS/name.SYSTEM, tab separated.
//
// The peak is VmHWM without mapped files, thus without the library itself.

const fs = require('fs');
const path = require('path');

function privatePeak()
{
	const status = fs.readFileSync('/proc/self/status', 'utf8');
	const of = (field) => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)[1]);
	return of('VmHWM') - of('RssFile');
}

function print(...fields)
{
	process.stdout.write(fields.join('\t') + '\n');
}

async function load(system, [rows, iocs, dir, threads])
{
	fs.mkdirSync(dir, { recursive: true });
	const { version, ms, settle, bytes, peak } = await system.load({ rows, iocs, dir, threads });
	print(version, ms.toFixed(3), settle.toFixed(3), bytes, peak === undefined ? privatePeak() : peak);
}

// one question: once for the answer, then as often as repeats says
async function times(session, text, repeats, answerFile)
{
	const all = [];
	for (let i = 0; i <= repeats; i++) {
		const started = process.hrtime.bigint();
		const rows = await session.ask(text);
		const ms = Number(process.hrtime.bigint() - started) / 1e6;
		if (i === 0)
			fs.writeFileSync(answerFile, rows().map((row) => row.join('\t') + '\n').join(''));
		else
			all.push(ms);
	}
	return all.sort((a, b) => a - b);
}

function median(sorted)
{
	const half = sorted.length >> 1;
	return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

async function ask(system, name, [questions, dir, threads, repeats, answers])
{
	const session = await system.open({ dir, threads });
	for (const line of fs.readFileSync(questions, 'utf8').split('\n').filter((text) => text !== '')) {
		const [query, text] = [line.slice(0, line.indexOf('|')), line.slice(line.indexOf('|') + 1)];
		try {
			const sorted = await times(session, text, Number(repeats), path.join(answers, `${query}.${name}`));
			print(query, sorted[0].toFixed(3), median(sorted).toFixed(3));
		} catch (error) {
			process.stderr.write(`${name}, ${query}: ${String(error.message || error).split('\n')[0]}\n`);
			print(query, 'error', 'error');
		}
	}
	print('peak', session.peak ? session.peak() : privatePeak());
	await session.close();
}

async function main([what, name, ...rest])
{
	const system = require(`./${name}`);
	if (what === 'load')
		await load(system, rest);
	else
		await ask(system, name, rest);
}

main(process.argv.slice(2)).catch((error) => {
	process.stderr.write(`${error.stack || error}\n`);
	process.exitCode = 1;
});

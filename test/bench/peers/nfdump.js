'use strict';
// nfdump: a file for each hour of the data, written by nfcapd from IPFIX over loopback.
//
// nfcapd takes only datagrams, so loading is as fast as the socket allows; the sender waits whenever the receiver's
// queue fills, and nothing is lost.  sni, ja4 and entropy have no field there.

const dgram = require('dgram');
const fs = require('fs');
const path = require('path');
const readline = require('readline');
const { spawn } = require('child_process');
const { once } = require('events');
const { setTimeout: sleep } = require('timers/promises');
const { Exporter } = require('./ipfix');

const QUEUE_LIMIT = 128 * 1024;		// bytes in the receiver's socket buffer

const folder = (dir) => path.join(dir, 'hours');

// bytes that wait in the socket bound to that port, or undefined
function queued(port)
{
	const address = ':' + port.toString(16).toUpperCase().padStart(4, '0');
	for (const line of fs.readFileSync('/proc/net/udp', 'utf8').split('\n')) {
		const words = line.trim().split(/\s+/);
		if (words[1] && words[1].endsWith(address))
			return parseInt(words[4].split(':')[1], 16);
	}
	return undefined;
}

async function freePort()
{
	const socket = dgram.createSocket('udp4');
	socket.bind(0, '127.0.0.1');
	await once(socket, 'listening');
	const { port } = socket.address();
	socket.close();
	await once(socket, 'close');
	return port;
}

async function startCollector(port, into)
{
	fs.mkdirSync(into, { recursive: true });
	const child = spawn('nfcapd', ['-b', '127.0.0.1', '-p', String(port), '-w', into, '-t', '86400', '-y', '-B', '4000000'],
		{ stdio: ['ignore', 'ignore', 'ignore'] });
	for (let i = 0; queued(port) === undefined; i++) {
		if (child.exitCode !== null || i > 500)
			throw new Error('could not start nfcapd');
		await sleep(10);
	}
	return child;
}

function peakOf(pid)
{
	const found = /VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
	return found ? Number(found[1]) : 0;
}

// the file that nfcapd has written gets the name of the hour
async function stopCollector(child, port, into, hour)
{
	while (queued(port) > 0)
		await sleep(1);
	const peak = peakOf(child.pid);
	child.kill('SIGTERM');
	await once(child, 'exit');
	const written = fs.readdirSync(into).filter((name) => /^nfcapd\.\d+$/.test(name));
	if (written.length !== 1)
		throw new Error(`nfcapd left ${written.length} files for one hour`);
	fs.renameSync(path.join(into, written[0]), path.join(into, '..', 'hours', `nfcapd.${hour}00`));
	fs.rmSync(into, { recursive: true });
	return peak;
}

async function send({ rows, dir })
{
	const port = await freePort();
	const socket = dgram.createSocket('udp4');
	const into = path.join(dir, 'incoming');
	let waiting = [], hour, collector, exporter, peak = 0;

	fs.mkdirSync(folder(dir), { recursive: true });
	const deliver = async () => {
		for (let i = 0; i < waiting.length; i++) {
			while (i % 16 === 0 && queued(port) > QUEUE_LIMIT)
				await sleep(1);
			await new Promise((done, failed) =>
				socket.send(waiting[i], port, '127.0.0.1', (error) => (error ? failed(error) : done())));
		}
		waiting = [];
	};
	const close = async () => {
		exporter.flush();
		await deliver();
		peak = Math.max(peak, await stopCollector(collector, port, into, hour));
	};
	for await (const line of readline.createInterface({ input: fs.createReadStream(rows) })) {
		const fields = line.split('\t');
		const of = fields[0].slice(0, 13).replace(/[- ]/g, '');
		// a late row stays with the hour that it arrived in
		if (hour === undefined || of > hour) {
			if (hour !== undefined)
				await close();
			hour = of;
			collector = await startCollector(port, into);
			exporter = new Exporter((datagram) => waiting.push(datagram));
		}
		exporter.add(fields);
		if (waiting.length >= 256)
			await deliver();
	}
	await close();
	socket.close();
	return peak;
}

// 'a b' is one word
function words(text)
{
	return [...text.matchAll(/'([^']*)'|(\S+)/g)].map((found) => (found[1] === undefined ? found[2] : found[1]));
}

// Runs nfdump on all files, or on those that -R names; a peak in kB is read while it runs if asked for.
async function run(dir, args, wantPeak)
{
	const at = args.indexOf('-R');
	const list = at < 0 ? ['-R', folder(dir), ...args]
		: args.map((word, i) => (i === at + 1 ? path.join(folder(dir), word) : word));
	const child = spawn('nfdump', list, { env: { ...process.env, TZ: 'UTC' }, stdio: ['ignore', 'pipe', 'pipe'] });
	const parts = [], complaints = [];
	let peak = 0;

	child.stdout.on('data', (part) => parts.push(part));
	child.stderr.on('data', (part) => complaints.push(part));
	const watch = wantPeak && setInterval(() => {
		try {
			peak = Math.max(peak, peakOf(child.pid));
		} catch {
			// it has ended
		}
	}, 2);
	const [status] = await once(child, 'close');
	if (watch)
		clearInterval(watch);
	if (status !== 0)
		throw new Error(`nfdump ended with status ${status}: ${Buffer.concat(complaints)}`);
	return { text: Buffer.concat(parts).toString(), peak };
}

// the numbers of one column: of csv by its title, which may begin with i (for "in"), or of the summary by its name
function column(text, title)
{
	const lines = text.split('\n');
	const summary = lines.find((line) => line.startsWith(`${title}: `));
	if (summary)
		return [summary.slice(title.length + 2)];
	const head = lines.findIndex((line) => line.startsWith('ts,te,'));
	const index = head < 0 ? -1 : lines[head].split(',').findIndex((name) => name === title || name === `i${title}`);
	if (index < 0)
		throw new Error(`nfdump shows no column "${title}"`);
	const found = [];
	for (let i = head + 1; i < lines.length && lines[i] !== '' && lines[i] !== 'Summary'; i++)
		found.push(lines[i].split(',')[index]);
	return found;
}

async function open({ dir })
{
	let peak = 0, last;
	return {
		ask: async (text) => {
			const [args, compared] = text.split(' = ');
			const ran = await run(dir, words(args), text !== last);
			peak = Math.max(peak, ran.peak);
			last = text;
			return () => (compared ? column(ran.text, compared.split(' ')[0]).map((value) => [value]) : []);
		},
		peak: () => peak,
		close: () => undefined,
	};
}

async function load({ rows, dir })
{
	const started = process.hrtime.bigint();
	const peak = await send({ rows, dir });
	const ms = Number(process.hrtime.bigint() - started) / 1e6;
	const version = /\d+(\.\d+)+/.exec((await run(dir, ['-V'])).text);
	const bytes = fs.readdirSync(folder(dir)).reduce((sum, name) => sum + fs.statSync(path.join(folder(dir), name)).size, 0);
	return { version: version ? version[0] : '', ms, settle: 0, bytes, peak };
}

module.exports = { load, open };

'use strict';
// Rows of flowgen as IPFIX datagrams (RFC 7011), for collectors that take nothing else.
//
//	new Exporter(send)	send(buffer) is called with datagrams of at most 1,400 bytes
//	exporter.add(fields)	one row: the 19 columns as text, \N for NULL
//	exporter.flush()	what is left
//
// sni, ja4 and entropy are left out.  Times are in ms, a NULL number becomes 0.

const { addressBytes } = require('./address');

const MAX_DATAGRAM = 1400;

// information element, bytes, and the column that fills it
const SHARED = [
	[152, 8, 'start'], [153, 8, 'end'], [7, 2, 7], [11, 2, 8], [4, 1, 9], [6, 1, 10], [5, 1, 11],
	[2, 8, 12], [1, 8, 13], [16, 4, 14], [17, 4, 15], [10, 4, 3], [14, 4, 4]];
const TEMPLATES = {
	4: { id: 256, elements: [[8, 4, 5], [12, 4, 6], ...SHARED] },
	6: { id: 257, elements: [[27, 16, 5], [28, 16, 6], ...SHARED] },
};

// '2025-01-01 08:13:37.330+00' to ms since 1970
function milliseconds(text)
{
	return Date.parse(text.replace(' ', 'T').replace(/\+00$/, 'Z'));
}

function encode(fields, elements)
{
	const parts = [];
	const start = milliseconds(fields[0]);
	for (const [, size, column] of elements) {
		let part;
		if (column === 5 || column === 6)
			part = addressBytes(fields[column]);
		else {
			let value = column === 'start' ? start : start + Number(fields[1] === '\\N' ? 0 : fields[1]);
			if (typeof column === 'number')
				value = fields[column] === '\\N' ? 0 : Number(fields[column]);
			part = Buffer.alloc(size);
			if (size === 8)
				part.writeBigUInt64BE(BigInt(value));
			else
				part.writeUIntBE(value, 0, size);
		}
		parts.push(part);
	}
	return Buffer.concat(parts);
}

// length is filled in by set()
function setHeader(id)
{
	const header = Buffer.alloc(4);
	header.writeUInt16BE(id, 0);
	return header;
}

function set(id, records)
{
	const bytes = Buffer.concat([setHeader(id), ...records]);
	bytes.writeUInt16BE(bytes.length, 2);
	return bytes;
}

function templateRecord({ id, elements })
{
	const words = [id, elements.length, ...elements.flatMap(([element, size]) => [element, size])];
	const bytes = Buffer.alloc(2 * words.length);
	words.forEach((word, i) => bytes.writeUInt16BE(word, 2 * i));
	return bytes;
}

class Exporter {
	constructor(send)
	{
		this.send = send;
		this.sequence = 0;
		this.clear();
		this.emit([set(2, [templateRecord(TEMPLATES[4]), templateRecord(TEMPLATES[6])])], 0);
	}

	clear()
	{
		this.records = { 4: [], 6: [] };
		this.size = 16 + 4 + 4;
	}

	emit(sets, count)
	{
		const header = Buffer.alloc(16);
		const body = Buffer.concat(sets);
		header.writeUInt16BE(10, 0);
		header.writeUInt16BE(16 + body.length, 2);
		header.writeUInt32BE(this.now || 0, 4);
		header.writeUInt32BE(this.sequence, 8);
		this.sequence = (this.sequence + count) >>> 0;
		this.send(Buffer.concat([header, body]));
	}

	add(fields)
	{
		const version = fields[5].includes(':') ? 6 : 4;
		const record = encode(fields, TEMPLATES[version].elements);
		if (this.size + record.length > MAX_DATAGRAM)
			this.flush();
		this.now = Math.floor(milliseconds(fields[0]) / 1000);
		this.records[version].push(record);
		this.size += record.length;
	}

	flush()
	{
		const sets = [4, 6].filter((v) => this.records[v].length > 0).map((v) => set(TEMPLATES[v].id, this.records[v]));
		if (sets.length > 0)
			this.emit(sets, this.records[4].length + this.records[6].length);
		this.clear();
	}
}

module.exports = { Exporter };

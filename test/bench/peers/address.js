'use strict';
// Addresses as text, as bytes of the network, and as numbers of 128 bits, IPv4 as ::ffff:a.b.c.d.

// 4 or 16 bytes
function addressBytes(text)
{
	if (!text.includes(':'))
		return Buffer.from(text.split('.').map(Number));
	const [head, tail] = text.split('::').map((half) => half.split(':').filter((group) => group !== ''));
	const groups = tail === undefined ? head : [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail];
	const bytes = Buffer.alloc(16);
	groups.forEach((group, i) => bytes.writeUInt16BE(parseInt(group, 16), 2 * i));
	return bytes;
}

function addressNumber(text)
{
	const number = BigInt('0x' + addressBytes(text).toString('hex'));
	return text.includes(':') ? number : (0xffffn << 32n) | number;
}

// eight groups with the first longest run of zeros cut out, as RFC 5952 has it
function addressText(number)
{
	if (number >> 32n === 0xffffn)
		return [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join('.');
	const groups = [];
	for (let shift = 112n; shift >= 0n; shift -= 16n)
		groups.push(((number >> shift) & 0xffffn).toString(16));
	const text = groups.join(':');
	const longest = [...text.matchAll(/\b0(:0)+\b/g)].reduce((best, run) => (run[0].length > best[0].length ? run : best), ['']);
	if (longest[0] === '')
		return text;
	return text.slice(0, longest.index).replace(/:$/, '') + '::'
		+ text.slice(longest.index + longest[0].length).replace(/^:/, '');
}

module.exports = { addressBytes, addressNumber, addressText };

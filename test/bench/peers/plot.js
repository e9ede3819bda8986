'use strict';
// A plot of times: a line for each query, a mark for each system, on a logarithmic scale.
//
//	draw({ title, systems, queries, time(query, system) })
//		the text of an SVG file; time gives ms, or undefined for no mark
//
// Colours follow the reader's scheme, light or dark; marks differ in form, too.

const LEFT = 190, RIGHT = 30, TOP = 84, LINE = 24, WIDTH = 920;
const FORMS = [
	(x, y) => `<rect x="${x - 4.5}" y="${y - 4.5}" width="9" height="9"/>`,
	(x, y) => `<circle cx="${x}" cy="${y}" r="6.5"/>`,
	(x, y) => `<path d="M${x} ${y - 6}L${x + 5.5} ${y + 4.5}H${x - 5.5}Z"/>`,
	(x, y) => `<path d="M${x} ${y - 6.5}L${x + 6.5} ${y}L${x} ${y + 6.5}L${x - 6.5} ${y}Z"/>`,
	(x, y) => `<path d="M${x - 5} ${y - 5}L${x + 5} ${y + 5}M${x - 5} ${y + 5}L${x + 5} ${y - 5}" stroke-width="3"/>`,
];
const STYLE = `
	text { font: 13px system-ui, sans-serif } .head { font-size: 16px; font-weight: 600 } .small { font-size: 11px }
	.paper { fill: #fff }
	text { fill: #24292f } .faint { fill: #57606a } .grid { stroke: #d0d7de } .span { stroke: #afb8c1; stroke-width: 2 }
	.s0 { fill: #8c6d1f; stroke: #8c6d1f } .s1 { fill: #cf222e; stroke: #cf222e } .s2 { fill: #0969da; stroke: #0969da }
	.s3 { fill: #1a7f37; stroke: #1a7f37 } .s4 { fill: #8250df; stroke: #8250df }
	@media (prefers-color-scheme: dark) {
		.paper { fill: #0d1117 }
		text { fill: #e6edf3 } .faint { fill: #8d96a0 } .grid { stroke: #30363d } .span { stroke: #484f58 }
		.s0 { fill: #d4a72c; stroke: #d4a72c } .s1 { fill: #ff7b72; stroke: #ff7b72 } .s2 { fill: #58a6ff; stroke: #58a6ff }
		.s3 { fill: #56d364; stroke: #56d364 } .s4 { fill: #bc8cff; stroke: #bc8cff }
	}
`;

const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

function mark(i, x, y)
{
	return `<g class="s${i % FORMS.length}">${FORMS[i % FORMS.length](Number(x.toFixed(1)), y)}</g>`;
}

// x of a time, and the decades that are shown
function scale(times)
{
	const low = Math.floor(Math.log10(Math.min(...times)));
	const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...times))));
	const x = (ms) => LEFT + (WIDTH - LEFT - RIGHT) * (Math.log10(ms) - low) / (high - low);
	return { x, decades: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)) };
}

function draw({ title, systems, queries, time })
{
	const known = queries.flatMap((query) => systems.map((system) => time(query, system))).filter((ms) => ms > 0);
	const { x, decades } = scale(known.length > 0 ? known : [1, 10]);
	const height = TOP + LINE * queries.length + 16;
	const out = [`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
		`<title>${escape(title)}</title><style>${STYLE}</style>`,
		`<rect class="paper" width="${WIDTH}" height="${height}"/>`,
		`<text class="head" x="16" y="26">${escape(title)}</text>`];

	systems.forEach((system, i) => out.push(mark(i, 26 + i * 130, 48), `<text x="${38 + i * 130}" y="53">${escape(system)}</text>`));
	for (const ms of decades)
		out.push(`<line class="grid" x1="${x(ms)}" x2="${x(ms)}" y1="${TOP - 8}" y2="${height - 16}"/>`,
			`<text class="faint small" x="${x(ms)}" y="${TOP - 12}" text-anchor="middle">${ms}</text>`);
	queries.forEach((query, row) => {
		const y = TOP + LINE * row + LINE / 2;
		const points = systems.map((system, i) => [i, time(query, system)]).filter(([, ms]) => ms > 0);
		out.push(`<text x="${LEFT - 14}" y="${y + 4}" text-anchor="end">${escape(query)}</text>`);
		if (points.length > 1)
			out.push(`<line class="span" y1="${y}" y2="${y}" x1="${Math.min(...points.map(([, ms]) => x(ms)))}"`
				+ ` x2="${Math.max(...points.map(([, ms]) => x(ms)))}"/>`);
		points.forEach(([i, ms]) => out.push(`<g><title>${escape(systems[i])}: ${ms.toFixed(2)} ms</title>${mark(i, x(ms), y)}</g>`));
	});
	return out.concat('</svg>', '').join('\n');
}

module.exports = { draw };

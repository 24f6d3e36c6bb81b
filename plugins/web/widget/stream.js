/* Server-sent events, read by fetch() so that the token is in a header. */
import { request } from "./server.js";

const SILENCE_MS = 50000; /* the server says something every 20 s */

function report(block, take) {
	const fields = {};
	for (const line of block.split("\n")) {
		const at = line.indexOf(": ");
		if (at > 0)
			fields[line.slice(0, at)] = line.slice(at + 2);
	}
	if (fields.event)
		take(fields.event, JSON.parse(fields.data), fields.id);
}

async function readBlocks(reader, signal, alive, take) {
	const decoder = new TextDecoder();
	let rest = "";
	for (;;) {
		const { value, done } = await reader.read();
		if (done || signal.aborted)
			return;
		alive();
		const blocks = (rest + decoder.decode(value, { stream: true })).split("\n\n");
		rest = blocks.pop();
		for (const block of blocks)
			if (!signal.aborted)
				report(block, take);
	}
}

/* Read one stream to its end, or until it is silent for too long; what is given
 * is that of receive(). */
export async function readStream({ path, headers, last, abort, alive, take }) {
	let timer;
	const watch = () => {
		clearTimeout(timer);
		timer = setTimeout(() => abort.abort(), SILENCE_MS);
	};
	const resume = last && { "Last-Event-ID": last };
	let response;
	watch();
	try {
		response = await request(`${path}/events`, {
			headers: { ...headers, ...resume },
			cache: "no-store",
			signal: abort.signal,
		});
		await readBlocks(response.body.getReader(), abort.signal, () => {
			watch();
			alive();
		}, take);
	} finally {
		clearTimeout(timer);
		/* What was refused has no more to come. */
		if (response)
			abort.abort();
	}
}

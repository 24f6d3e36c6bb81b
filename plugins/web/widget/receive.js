/* What is said, as it is said: by a stream, or, where the browser or the server
 * has enough of those, by asking time and again. */
import { takeLane } from "./lane.js";
import { request } from "./server.js";
import { readStream } from "./stream.js";

const ASK_MS = 2000;
const CROWDED_MS = 30000;
const GONE = 404;
const TOO_MANY = 429;

let crowdedUntil = 0; /* no stream is tried before */

/* All that was said since, as the events of a stream. */
async function ask({ path, headers, last, abort, alive, take }) {
	for (let after = last, more = true; more && !abort.signal.aborted;) {
		const response = await request(`${path}/messages?after=${after}`,
			{ headers, cache: "no-store" });
		const said = await response.json();
		alive();
		for (const entry of said.messages) {
			take("message", entry, entry.id);
			after = entry.id;
		}
		({ more } = said);
		if (!more)
			take("state", said);
	}
}

/* False: there are too many, here or at the server. */
async function stream(from) {
	const leave = Date.now() >= crowdedUntil && await takeLane();
	if (!leave)
		return false;
	try {
		await readStream(from);
		return true;
	} catch (error) {
		if (error.status !== TOO_MANY)
			throw error;
		crowdedUntil = Date.now() + CROWDED_MS;
		return false;
	} finally {
		leave();
	}
}

/* from: {path, headers, last: the last event that was taken or "", abort,
 * alive() whenever the server says something, take(name, data, id) each event}.
 * After how many milliseconds to go on; 0: a stream has ended. */
export async function receive(from) {
	if (await stream(from))
		return 0;
	try {
		await ask(from);
	} catch (error) {
		if (error.status !== GONE)
			throw error;
		from.take("gone", {});
	}
	return ASK_MS;
}

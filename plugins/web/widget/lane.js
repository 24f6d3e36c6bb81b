/* A browser opens six connections to a server over HTTP/1.1, for all of its tabs,
 * and a stream keeps one as long as it lasts.  So that none waits behind streams
 * for ever, only a few tabs of a site have one at the same time. */
import { settings } from "./settings.js";

const LANES = 4;

/* leave(), or null: that one is taken. */
const tryLane = (name) => new Promise((resolve, reject) => {
	navigator.locks.request(name, { ifAvailable: true },
		(lock) => lock ? new Promise(resolve) : resolve(null)).catch(reject);
});

/* leave() gives it back, as does the end of the tab; null: all are taken.  Where
 * a browser has no locks, which it has over TLS alone, there is no telling. */
export async function takeLane() {
	try {
		for (let i = 0; i < LANES; i++) {
			const leave = await tryLane(`tellerd ${settings.server} ${i}`);
			if (leave)
				return leave;
		}
		return null;
	} catch {
		return () => {};
	}
}

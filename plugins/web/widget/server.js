/* Requests to the server, and what it means when one fails. */
import { settings } from "./settings.js";

const PASSING = [408, 425, 429];
const ANSWER_MS = 30000; /* for all of an answer but a stream */
const SURE_MS = 60000; /* a restart behind a proxy is over by then */
const FIRST_MS = 500;
const LONGEST_MS = 15000;

let hasAnswered = false;
let silentSince = 0; /* it has been there since, and has not answered */

/* The server's no, in its words. */
class Refusal extends Error {
	constructor(status, { code, detail }, retryAfter) {
		super(detail ?? "");
		this.status = status;
		this.code = code ?? "";
		this.waitMs = Number(retryAfter) * 1000 || 0;
		this.isFinal = status >= 400 && status < 500 && !PASSING.includes(status);
	}
}

function timeLimit() {
	const abort = new AbortController();
	setTimeout(() => abort.abort(), ANSWER_MS);
	return abort.signal;
}

export async function request(path, { signal = timeLimit(), ...options } = {}) {
	const response = await fetch(settings.server + path, {
		credentials: "omit",
		referrerPolicy: "no-referrer",
		signal,
		...options,
	});
	hasAnswered = true;
	if (response.ok)
		return response;
	const problem = await response.json().catch(() => ({}));
	throw new Refusal(response.status, problem, response.headers.get("Retry-After"));
}

export const bearer = (token) => ({ Authorization: `Bearer ${token}` });

export async function post(path, body, headers) {
	const response = await request(path, {
		method: "POST",
		headers: { "Content-Type": "application/json", ...headers },
		body: JSON.stringify(body),
	});
	return response.json();
}

/* A browser does not tell a page whether the server is away or does not answer
 * pages of its origin.  Where it has never answered but is there, it is that; but
 * it may be a proxy that is there, for as long as the server starts. */
export async function isForbidden() {
	if (hasAnswered || settings.server === location.origin)
		return false;
	const since = silentSince ||= Date.now();
	try {
		await fetch(`${settings.server}/livez`, {
			mode: "no-cors",
			credentials: "omit",
			signal: timeLimit(),
		});
	} catch {
		silentSince = 0;
		return false;
	}
	/* It may have come up just now. */
	await request("/v1/widget").catch(() => {});
	return !hasAnswered && Date.now() - since >= SURE_MS;
}

export const pauseAfter = (failures) =>
	Math.min(FIRST_MS * 2 ** failures, LONGEST_MS) * (0.5 + Math.random() / 2);

/* Not crypto.randomUUID(), which is only there over TLS and on localhost. */
export function uuid() {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	bytes[6] = (bytes[6] & 0x0f) | 0x40;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
	return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

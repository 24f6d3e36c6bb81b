/* One conversation with the server.  What is sent is kept, under an id of its
 * own, until the server has it; what is said comes from one stream that goes on
 * behind the last event wherever it breaks.  So neither a lost connection, nor
 * a restart of the server, nor a reload of the page loses or doubles anything.
 *
 * The owner gets entry(entry), sent(item, id), refused(item, words),
 * state(name) when all entries up to now were told, online(isOnline), ended().
 */

const STORE = "teller";
const SILENCE_MS = 50000; /* the server says something every 20 s */
const FIRST_MS = 500;
const LONGEST_MS = 15000;
const EXPIRED = 401;
const PASSING = [408, 425, 429];

/* Not crypto.randomUUID(), which is only there over TLS and on localhost. */
function uuid() {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	bytes[6] = (bytes[6] & 0x0f) | 0x40;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
	return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

class Refusal extends Error {
	constructor(status, words, retryAfter) {
		super(words);
		this.status = status;
		this.waitMs = Number(retryAfter) * 1000 || 0;
		this.isFinal = status >= 400 && status < 500 && !PASSING.includes(status);
	}
}

async function refusalOf(response) {
	const problem = await response.json().catch(() => ({}));
	return new Refusal(response.status, problem.detail ?? "",
		response.headers.get("Retry-After"));
}

const afterFailures = (n) =>
	Math.min(FIRST_MS * 2 ** n, LONGEST_MS) * (0.5 + Math.random() / 2);

export class Conversation {
	#owner;
	#kept = { key: uuid(), id: null, token: null, outbox: [] };
	#last = "";
	#held = []; /* customer's entries that may be what is being sent */
	#isSending = false;
	#round = 0; /* of listening; an older one ends */
	#abort = null;
	#wake = () => {};

	constructor(owner) {
		this.#owner = owner;
		addEventListener("online", () => this.#wake());
		try {
			const kept = JSON.parse(sessionStorage.getItem(STORE));
			if (Array.isArray(kept?.outbox) && typeof kept.key === "string")
				this.#kept = kept;
		} catch {
			/* Then this page forgets on reload. */
		}
	}

	/* Begin with what was kept; gives what is still to be sent. */
	start() {
		if (this.#kept.id)
			this.#listen();
		this.#pump();
		return [...this.#kept.outbox];
	}

	get isOpen() {
		return this.#kept.id !== null || this.#kept.outbox.length > 0;
	}

	/* item: {kind: "text" | "option" | "handover", text, option}. */
	send(item) {
		item.client_id = uuid();
		this.#kept.outbox.push(item);
		this.#save();
		this.#pump();
	}

	/* What the customer thinks of a reply: "up" or "down". */
	rate(reply, rating) {
		const { id, token } = this.#kept;
		return this.#post(`/v1/conversations/${id}/messages/${reply}/feedback`,
			{ rating }, { Authorization: `Bearer ${token}` });
	}

	forget() {
		this.#drop([]);
	}

	#drop(outbox) {
		this.#round++;
		this.#abort?.abort();
		this.#kept = { key: uuid(), id: null, token: null, outbox };
		this.#last = "";
		this.#held = [];
		this.#save();
		this.#wake();
	}

	#save() {
		try {
			sessionStorage.setItem(STORE, JSON.stringify(this.#kept));
		} catch {
			/* As above. */
		}
	}

	#pause(ms) {
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, ms);
			this.#wake = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}

	/* ---- Sending */

	async #post(path, body, headers) {
		const response = await fetch(path, {
			method: "POST",
			headers: { "Content-Type": "application/json", ...headers },
			body: JSON.stringify(body),
		});
		if (!response.ok)
			throw await refusalOf(response);
		return response.json();
	}

	async #create(kept) {
		const language = /^[A-Za-z0-9-]{2,35}$/.exec(navigator.language ?? "")?.[0];
		const made = await this.#post("/v1/conversations", { language },
			{ "Idempotency-Key": kept.key });
		kept.id = made.id;
		kept.token = made.token;
		if (kept !== this.#kept)
			return;
		this.#save();
		this.#listen();
	}

	#postItem(kept, { kind, text, option, client_id }) {
		const base = `/v1/conversations/${kept.id}`;
		const headers = { Authorization: `Bearer ${kept.token}` };
		if (kind === "handover")
			return this.#post(`${base}/handover`, { client_id }, headers);
		const body = kind === "option" ? { option, client_id } : { text, client_id };
		return this.#post(`${base}/messages`, body, headers);
	}

	/* Send what waits, one by one, each until the server has it. */
	async #pump() {
		if (this.#isSending)
			return;
		this.#isSending = true;
		let failures = 0;
		while (this.#kept.outbox.length > 0) {
			const kept = this.#kept;
			const item = kept.outbox[0];
			try {
				if (!kept.id)
					await this.#create(kept);
				const { id } = await this.#postItem(kept, item);
				failures = 0;
				if (kept === this.#kept)
					this.#taken(() => this.#owner.sent(item, id));
			} catch (error) {
				if (kept === this.#kept)
					await this.#failed(item, error, failures++);
			}
		}
		this.#isSending = false;
	}

	#taken(tell) {
		this.#kept.outbox.shift();
		this.#save();
		tell();
		if (this.#kept.outbox.length === 0)
			for (const entry of this.#held.splice(0))
				this.#owner.entry(entry);
	}

	async #failed(item, error, failures) {
		if (error.status === EXPIRED && this.#kept.id && failures < 3) {
			this.#lost();
		} else if (error.isFinal) {
			this.#taken(() => this.#owner.refused(item, error.message));
		} else {
			this.#owner.online(false);
			await this.#pause(error.waitMs || afterFailures(failures));
		}
	}

	/* The conversation is no more, or its token too old: what is still to be
	 * said begins a new one. */
	#lost() {
		this.#drop(this.#kept.outbox);
		this.#owner.ended();
	}

	/* ---- Receiving */

	async #listen() {
		const round = ++this.#round;
		let failures = 0;
		while (round === this.#round) {
			let waitMs = 0;
			try {
				await this.#stream(() => {
					failures = 0;
				});
			} catch (error) {
				waitMs = error.waitMs;
				if (round === this.#round && error.status === EXPIRED)
					this.#lost();
			}
			if (round !== this.#round)
				return;
			this.#owner.online(false);
			await this.#pause(waitMs || afterFailures(failures++));
		}
	}

	/* Read one stream to its end. */
	async #stream(alive) {
		const abort = new AbortController();
		this.#abort = abort;
		let timer;
		const watch = () => {
			clearTimeout(timer);
			timer = setTimeout(() => abort.abort(), SILENCE_MS);
		};
		watch();
		try {
			const headers = { Authorization: `Bearer ${this.#kept.token}` };
			if (this.#last)
				headers["Last-Event-ID"] = this.#last;
			const response = await fetch(`/v1/conversations/${this.#kept.id}/events`,
				{ headers, cache: "no-store", signal: abort.signal });
			if (!response.ok)
				throw await refusalOf(response);
			this.#owner.online(true);
			await this.#readEvents(response.body.getReader(), abort.signal, () => {
				watch();
				alive();
			});
		} finally {
			clearTimeout(timer);
			abort.abort();
		}
	}

	async #readEvents(reader, signal, alive) {
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
					this.#onBlock(block);
		}
	}

	#onBlock(block) {
		const fields = {};
		for (const line of block.split("\n")) {
			const at = line.indexOf(": ");
			if (at > 0)
				fields[line.slice(0, at)] = line.slice(at + 2);
		}
		if (fields.event === "message")
			this.#onMessage(fields.id, JSON.parse(fields.data));
		else if (fields.event === "state")
			this.#owner.state(JSON.parse(fields.data).state);
		else if (fields.event === "gone")
			this.#lost();
	}

	#onMessage(id, entry) {
		this.#last = id;
		if (entry.author === "customer" && this.#kept.outbox.length > 0)
			this.#held.push(entry);
		else
			this.#owner.entry(entry);
	}
}

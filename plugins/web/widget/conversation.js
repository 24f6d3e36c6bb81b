/* One conversation with the server.  What is sent is kept, under an id of its
 * own, until the server has it; what is said is read on behind the last event
 * wherever that breaks off.  So neither a lost connection, nor
 * a restart of the server, nor a reload of the page loses or doubles anything.
 *
 * The owner gets entry(entry), partial(partial), sent(item, id),
 * refused(item, words, code), state(name) when all entries up to now were told,
 * online(isOnline), expired(), replaced() when another tab began or ended a
 * conversation, forbidden(is) when the server does not talk to this page, and when
 * it does again.
 */
import { memory } from "./memory.js";
import { bearer, isForbidden, pauseAfter, post, request, uuid } from "./server.js";
import { receive } from "./receive.js";
import { settings } from "./settings.js";
import { isFormer, subjectOf, userNow, userToken } from "./user.js";

const EXPIRED = 401;
const SELDOM_MS = 60000;
const OTHERS_KEY = "idempotency_mismatch";

const blank = () => ({ key: uuid(), id: null, token: null, user: null });

export class Conversation {
	#owner;
	#kept = memory.conversation ?? blank();
	#outbox = memory.outbox;
	#last = "";
	#held = []; /* customer's entries that may be what is being sent */
	#isSending = false;
	#isForbidden = false;
	#isStopped = false;
	#round = 0; /* of listening; an older one ends */
	#abort = null;
	#pauses = new Set(); /* what ends each of them */

	constructor(owner, signal) {
		this.#owner = owner;
		const wake = () => this.#wake();
		addEventListener("online", wake, { signal });
		document.addEventListener("visibilitychange", wake, { signal });
		memory.onChange(() => this.#follow(memory.conversation), signal);
	}

	/* Begin with what was kept; gives what is still to be sent: once the page, who
	 * hears that we are there, has said who has signed in. */
	start() {
		if (this.#kept.id)
			this.#listen();
		queueMicrotask(() => this.#pump());
		return [...this.#outbox];
	}

	get isOpen() {
		return this.#kept.id !== null || this.#outbox.length > 0;
	}

	/* Whose it is, or is to be; null: of somebody who has not signed in. */
	get user() {
		return this.#kept.user;
	}

	/* item: {kind: "text" | "option" | "handover", text, option}. */
	send(item) {
		item.client_id = uuid();
		if (!this.#kept.id)
			this.#kept.user ??= userNow();
		this.#outbox.push(item);
		memory.outbox = this.#outbox;
		this.#pump();
	}

	/* What the customer thinks of a reply: "up" or "down", and perhaps why:
	 * {reason, comment}. */
	rate(reply, rating, why) {
		return post(`${this.#path}/messages/${reply}/feedback`,
			{ rating, ...why }, bearer(this.#kept.token));
	}

	async explain(reply) {
		const response = await request(`${this.#path}/messages/${reply}/why`,
			{ headers: bearer(this.#kept.token) });
		return response.json();
	}

	forget() {
		this.#change(blank(), []);
		memory.conversation = null;
	}

	/* No more requests, and all that is kept stays. */
	stop() {
		this.#round++;
		this.#isStopped = true;
		this.#abort?.abort();
		this.#wake();
	}

	get #path() {
		return `/v1/conversations/${this.#kept.id}`;
	}

	#change(kept, outbox) {
		this.#round++;
		this.#abort?.abort();
		this.#kept = kept;
		this.#outbox = memory.outbox = outbox;
		this.#last = "";
		this.#held = [];
		this.#wake();
	}

	/* Another tab keeps that now. */
	#follow(kept) {
		if (kept?.after === this.#kept.key) {
			this.#expired();
			return;
		}
		const isOther = kept?.key !== this.#kept.key;
		if (isOther && (kept || this.#kept.id)) {
			this.#change(kept ?? blank(), []);
			this.#owner.replaced();
		} else if (!kept || this.#kept.id) {
			return;
		}
		this.#kept = kept ?? this.#kept;
		if (this.#kept.id)
			this.#listen();
	}

	#pause(ms) {
		return new Promise((resolve) => {
			const end = () => {
				clearTimeout(timer);
				this.#pauses.delete(end);
				resolve();
			};
			const timer = setTimeout(end, ms);
			this.#pauses.add(end);
		});
	}

	#wake() {
		for (const end of [...this.#pauses])
			end();
	}

	/* ---- Sending */

	/* Two tabs that begin at the same time have one key, and so begin one
	 * conversation. */
	#agree(kept) {
		const other = memory.conversation ?? kept;
		memory.conversation =
			Object.assign(kept, other, { user: kept.user ?? other.user });
	}

	/* False: it is a former user's, and ends. */
	#isOurs(kept, user = kept.user) {
		if (kept === this.#kept && (user !== kept.user || isFormer(user))) {
			this.forget();
			this.#owner.replaced();
		}
		return kept === this.#kept;
	}

	/* What was begun with that key, and of which we have not heard, was another
	 * user's or in another language. */
	#renewKey(kept, error) {
		if (error.code !== OTHERS_KEY || kept !== this.#kept)
			throw error;
		/* Another tab may have heard. */
		if (!memory.conversation?.id)
			memory.conversation = Object.assign(kept, { after: kept.key, key: uuid() });
		return this.#create(kept);
	}

	async #create(kept) {
		this.#agree(kept);
		if (!kept.id) {
			const language = /^[A-Za-z0-9-]{2,35}$/.exec(settings.language)?.[0];
			const user_token = await userToken() ?? undefined;
			const user = user_token ? subjectOf(user_token) : kept.user;
			kept.user ??= user;
			if (!this.#isOurs(kept, user))
				return;
			const made = await post("/v1/conversations", { language, user_token },
				{ "Idempotency-Key": kept.key });
			kept.id = made.id;
			kept.token = made.token;
		}
		if (!this.#isOurs(kept))
			return;
		memory.conversation = kept;
		this.#listen();
	}

	#postItem(kept, { kind, text, option, client_id }) {
		const path = `/v1/conversations/${kept.id}`;
		if (kind === "handover")
			return post(`${path}/handover`, { client_id }, bearer(kept.token));
		const body = kind === "option" ? { option, client_id } : { text, client_id };
		return post(`${path}/messages`, body, bearer(kept.token));
	}

	/* Send what waits, one by one, each until the server has it. */
	async #pump() {
		if (this.#isSending)
			return;
		this.#isSending = true;
		let failures = 0;
		while (this.#outbox.length > 0 && !this.#isStopped) {
			const kept = this.#kept;
			const item = this.#outbox[0];
			try {
				if (!kept.id)
					await this.#create(kept)
						.catch((error) => this.#renewKey(kept, error));
				if (kept !== this.#kept)
					continue;
				const { id } = await this.#postItem(kept, item);
				failures = 0;
				if (kept === this.#kept)
					this.#taken(() => this.#owner.sent(item, id));
				this.#wake();
			} catch (error) {
				if (kept === this.#kept)
					await this.#failed(item, error, failures++);
			}
		}
		this.#isSending = false;
	}

	#taken(tell) {
		this.#outbox.shift();
		memory.outbox = this.#outbox;
		tell();
		if (this.#outbox.length === 0)
			for (const entry of this.#held.splice(0))
				this.#owner.entry(entry);
	}

	async #failed(item, error, failures) {
		if (error.status === EXPIRED && this.#kept.id && failures < 3) {
			this.#expired();
		} else if (error.isFinal) {
			this.#taken(() => this.#owner.refused(item, error.message, error.code));
		} else {
			await this.#rest(error.waitMs || pauseAfter(failures));
		}
	}

	#forbid(is) {
		if (is === this.#isForbidden)
			return;
		this.#owner.forbidden(this.#isForbidden = is);
		this.#wake();
	}

	/* After a failure.  Who is forbidden asks on, though seldom: the setting may
	 * change. */
	async #rest(ms) {
		while (!this.#isStopped && await isForbidden()) {
			this.#forbid(true);
			await this.#pause(SELDOM_MS);
		}
		if (this.#isForbidden) {
			this.#forbid(false);
		} else if (!this.#isStopped) {
			this.#owner.online(false);
			await this.#pause(ms);
		}
	}

	/* The conversation is no more, or its token too old: what is still to be
	 * said begins a new one, which all tabs have. */
	#expired() {
		const { key: after, user } = this.#kept;
		const other = memory.conversation;
		this.#change(other?.after === after ? other : { ...blank(), user, after },
			this.#outbox);
		memory.conversation = this.#kept;
		this.#owner.expired();
		if (this.#kept.id)
			this.#listen();
	}

	/* ---- Receiving */

	async #listen() {
		const round = ++this.#round;
		let failures = 0;
		while (round === this.#round) {
			let nextMs = 0, waitMs = 0;
			try {
				nextMs = await this.#receive(() => {
					failures = 0;
					this.#owner.online(true);
				});
			} catch (error) {
				waitMs = error.waitMs;
				if (round === this.#round && error.status === EXPIRED)
					this.#expired();
			}
			if (round !== this.#round)
				return;
			if (nextMs)
				await this.#pause(nextMs);
			else
				await this.#rest(waitMs || pauseAfter(failures++));
		}
	}

	#receive(alive) {
		const abort = this.#abort = new AbortController();
		return receive({
			path: this.#path,
			headers: bearer(this.#kept.token),
			last: this.#last,
			abort,
			alive: () => !abort.signal.aborted && alive(),
			take: (...event) => !abort.signal.aborted && this.#onEvent(...event),
		});
	}

	#onEvent(name, data, id) {
		if (name === "message")
			this.#onMessage(id, data);
		else if (name === "message.delta")
			this.#owner.partial(data);
		else if (name === "state")
			this.#owner.state(data.state);
		else if (name === "gone")
			this.#expired();
	}

	#onMessage(id, entry) {
		this.#last = id;
		if (entry.author === "customer" && this.#outbox.length > 0)
			this.#held.push(entry);
		else
			this.#owner.entry(entry);
	}
}

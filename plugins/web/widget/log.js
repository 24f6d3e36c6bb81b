/* The messages, in the order in which all was said; what the server does not
 * have yet is last. */
import { newMessage, options, setFate, setReply, setWords, sources, wordsOf } from "./message.js";
import { make } from "./node.js";
import { showRating, thumbs } from "./rating.js";
import { goToStart, keepAtEnd } from "./scroll.js";
import { t } from "./texts.js";
import { $ } from "./view.js";
import { whyButton } from "./why.js";

const log = $("log");
const shown = new Map();   /* messages by id */
const sending = new Map(); /* messages by the id that we gave them */

export const numberOf = (id) => Number(id.slice(4));
export const isEmpty = () => log.childElementCount === 0;
export const isShown = (id) => shown.has(id);

function place(message) {
	const id = message.dataset.id;
	let before = null;
	for (let at = log.lastElementChild; id && at; at = at.previousElementSibling) {
		const isBefore = at.dataset.id && numberOf(at.dataset.id) < numberOf(id);
		if (at.matches(".ended") || (at !== message && isBefore))
			break;
		if (at !== message)
			before = at;
	}
	if (message.parentNode !== log || message.nextElementSibling !== before)
		log.insertBefore(message, before);
}

/* What was offered before is no longer asked.  A message on its way counts when
 * it has arrived: its reply may be here before. */
function keepLastOptions() {
	let isOver = false;
	for (let entry = log.lastChild; entry; entry = entry.previousSibling) {
		if (isOver)
			entry.querySelector(".options")?.remove();
		isOver ||= !entry.matches(".unsent");
	}
}

/* Nobody is asked whether a question that he was asked was helpful. */
const tools = (message, { id, kind }, desk) => make("div.tools", {},
	kind === "answer" ? thumbs(message, (...rating) => desk.rate(id, ...rating)) : undefined,
	whyButton(message, id, () => desk.explain(id)));

/* desk: choose(option), rate(reply, rating, why), explain(reply). */
function fillReply(message, entry, desk) {
	setReply(message, entry.text);
	const parts = [sources(entry.sources), options(entry.options, desk.choose)];
	if (entry.author === "bot")
		parts.push(tools(message, entry, desk));
	message.append(...parts.filter(Boolean));
	showRating(message, entry.rating);
}

function addEntry(entry, desk) {
	let message = shown.get(entry.id);
	if (message && entry.author !== "customer")
		return;
	if (!message) {
		message = newMessage(entry.author, entry.name, new Date(entry.at));
		message.dataset.id = entry.id;
		shown.set(entry.id, message);
	}
	/* The server's words: card numbers and the like are out. */
	if (entry.author !== "customer")
		fillReply(message, entry, desk);
	else if (wordsOf(entry))
		setWords(message, wordsOf(entry));
	place(message);
}

/* isFirst: what was said before is still being shown. */
export function showEntry(entry, desk, isFirst) {
	keepAtEnd(() => {
		addEntry(entry, desk);
		keepLastOptions();
	}, isFirst);
	if (!isFirst && entry.author !== "customer")
		goToStart(shown.get(entry.id));
}

/* What is being sent. */
export function showItem(item) {
	const message = newMessage("customer", "", new Date());
	setWords(message, wordsOf(item));
	sending.set(item.client_id, message);
	keepAtEnd(() => {
		place(message);
		keepLastOptions();
		setFate(message, t("sending"));
	}, true);
}

/* It has arrived, under that id.  False: that was shown already. */
export function showSent(item, id) {
	const message = sending.get(item.client_id);
	sending.delete(item.client_id);
	if (!message || shown.has(id)) {
		message?.remove();
		return false;
	}
	message.dataset.id = id;
	shown.set(id, message);
	setFate(message, "");
	place(message);
	keepLastOptions();
	return true;
}

export function showRefused(item, words, again) {
	const message = sending.get(item.client_id);
	sending.delete(item.client_id);
	if (message)
		setFate(message, t("not_sent", { words }), () => {
			message.remove();
			again();
		});
}

/* Nothing goes out any more; or it does again. */
export function showUnsent(is) {
	for (const message of sending.values())
		setFate(message, is ? t("not_sent", { words: "" }) : t("sending"));
}

/* Above is what nothing can be added to any more. */
export function showExpired() {
	log.append(make("p.ended", {}, t("expired")));
	shown.clear();
	for (const message of log.querySelectorAll("[data-id]"))
		delete message.dataset.id;
	for (const message of sending.values())
		log.append(message);
}

export function clearLog() {
	log.replaceChildren();
	shown.clear();
	sending.clear();
}

/* Whether the assistant is at work: it has been asked something that it has not
 * answered yet. */
import { numberOf } from "./log.js";
import { newMessage, setReply } from "./message.js";
import { say } from "./say.js";
import { keepAtEnd } from "./scroll.js";
import { t } from "./texts.js";
import { $ } from "./view.js";

const TYPING_MS = 30000;

/* Numbers of what the customer said last, and of the last that needs no reply
 * any more: turns are in order, so all before it has had its own. */
let [asked, answered] = [0, 0];
let typingTimer;
let isBots = () => false; /* is it the assistant who answers? */
let written = { id: "", text: "" };

export function watchTyping(isBotsNow) {
	isBots = isBotsNow;
}

export function showTyping() {
	const isBusy = asked > answered && isBots();
	if (isBusy === $("typing").hidden)
		say(isBusy ? t("writing") : "");
	keepAtEnd(() => {
		$("typing").hidden = !isBusy || Boolean(written.text);
	});
}

/* However long it takes, not for ever. */
export function noteAsked(id) {
	asked = Math.max(asked, numberOf(id));
	clearTimeout(typingTimer);
	typingTimer = setTimeout(settle, TYPING_MS);
}

/* Nothing that was said up to now is still to be answered by the assistant. */
export function settle() {
	answered = asked;
	showPartial(null);
	showTyping();
}

/* The assistant says what it answers.  Where an agent writes, or a notice tells
 * that somebody came or left, what was said before was for a person. */
export function noteEntry({ id, author, in_reply_to }) {
	if (author === "customer") {
		noteAsked(id);
		return;
	}
	showPartial(null);
	const ids = author === "bot" && in_reply_to?.length ? in_reply_to : [id];
	answered = Math.max(answered, ...ids.map(numberOf));
}

/* A reply as it is written, piece by piece: {id, text}; null: no more.  It is
 * whole as an entry only. */
export function showPartial(piece) {
	const place = $("partial");
	if (!piece) {
		written = { id: "", text: "" };
		place.replaceChildren();
		place.hidden = true;
		return;
	}
	if (piece.id !== written.id || place.hidden) {
		written = { id: piece.id, text: "" };
		place.replaceChildren(newMessage("bot", "", new Date()));
	}
	written.text += piece.text;
	keepAtEnd(() => {
		place.hidden = false;
		$("typing").hidden = true;
		setReply(place.firstElementChild, written.text);
	});
}

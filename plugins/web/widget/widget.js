/* The widget as a whole: what the conversation tells is shown, what the customer
 * does is sent, and the page has window.tellerd. */
import { moveFocus, turnOff, watchComposer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { askToEnd } from "./ending.js";
import { clearLog, isEmpty, isShown, showEntry, showExpired, showItem, showRefused, showSent,
	showUnsent } from "./log.js";
import { wordsOf } from "./message.js";
import { close, open, toggle, watchPanel } from "./panel.js";
import { alarm, say, showOnline } from "./say.js";
import { goToEnd, watchScroll } from "./scroll.js";
import { pauseAfter } from "./server.js";
import { t } from "./texts.js";
import { follow } from "./theme.js";
import { noteAsked, noteEntry, settle, showPartial, showTyping, watchTyping } from "./typing.js";
import { forgetUnread, noteUnread, watchUnread } from "./unread.js";
import { isFormer, setSource, userToken } from "./user.js";
import { $, host, mount, root } from "./view.js";
import { watchStarters } from "./welcome.js";

const STATES = ["bot", "waiting", "person", "closed"];

const life = new AbortController();
const listeners = new Map();
let isComplete = false; /* all that was said before is shown */
let state = "bot";
let turns = 0; /* of setUser() */

function emit(event, detail) {
	for (const listener of listeners.get(event) ?? [])
		listener(detail);
}

/* ---- What the customer does */

function submit(item) {
	alarm("");
	conversation.send(item);
	showItem(item);
	showWelcome();
}

const submitText = (text) => submit({ kind: "text", text });

function choose({ id, label }) {
	submit({ kind: "option", option: id, text: label });
	moveFocus();
}

const desk = {
	choose,
	rate: (...rating) => conversation.rate(...rating),
	explain: (reply) => conversation.explain(reply),
};

function endChat() {
	conversation.forget();
	begin();
	say(t("ended"));
	emit("end");
}

function askForEnd() {
	const mayAnswer = state === "waiting" || state === "person";
	askToEnd(t(mayAnswer ? "end_person" : "end_advice"), () => {
		endChat();
		moveFocus();
	});
}

/* ---- What is shown around the messages */

function showWelcome() {
	$("welcome").hidden = !isComplete || !isEmpty();
	$("end").hidden = isEmpty();
}

function showState(name) {
	state = STATES.includes(name) ? name : "bot";
	$("state").textContent = t(`state_${state}`);
	$("state").dataset.state = state;
	$("person").hidden = state === "waiting" || state === "person";
	$("waiting").hidden = state !== "waiting";
	if (state === "person" || state === "closed")
		settle();
	showTyping();
}

/* Known once all that was said before is shown. */
function complete() {
	isComplete = true;
	$("log").setAttribute("aria-busy", "false");
	showWelcome();
}

/* An empty conversation. */
function begin() {
	clearLog();
	settle();
	forgetUnread();
	complete();
	showState("bot");
}

/* ---- What the conversation tells */

const conversation = new Conversation({
	entry(entry) {
		const isNew = !isShown(entry.id);
		showEntry(entry, desk, !isComplete);
		if (isNew) {
			noteEntry(entry);
			noteUnread(entry, isComplete);
			emit("message", { id: entry.id, author: entry.author, text: entry.text });
		}
		showWelcome();
		showTyping();
	},
	partial: showPartial,
	sent(item, id) {
		showOnline(true);
		if (!showSent(item, id))
			return;
		noteAsked(id);
		showTyping();
		emit("message", { id, author: "customer", text: wordsOf(item) });
	},
	refused(item, words, code) {
		const isSignedOut = code === "bad_user_token";
		showRefused(item, isSignedOut ? t("signed_out") : words, () => submit({ ...item }));
		complete();
		emit("error", { code, detail: words });
	},
	state(name) {
		const isFirst = !isComplete, before = state;
		complete();
		showState(name);
		if (isFirst)
			goToEnd();
		else if (name !== before)
			say(t(`state_${state}`));
		if (name !== before)
			emit("state", state);
	},
	online(isOnline) {
		if (!isOnline)
			showPartial(null);
		showOnline(isOnline);
	},
	expired() {
		showExpired();
		forgetUnread();
		settle();
		complete();
		showState("bot");
	},
	replaced() {
		begin();
		emit("end");
	},
	forbidden(is) {
		alarm(is ? t("forbidden") : "");
		turnOff(is);
		showUnsent(is);
		showOnline(is);
		if (!is)
			return;
		complete();
		const detail = `plugins.web.origins of the desk does not list ${location.origin}`;
		console.error(`tellerd: ${detail}`);
		emit("error", { code: "forbidden", detail });
	},
}, life.signal);

/* ---- What the page can do */

/* fn(detail) at each such event; what it returns ends that. */
function on(event, fn) {
	const fns = listeners.get(event) ?? new Set();
	listeners.set(event, fns.add(fn));
	return () => fns.delete(fn);
}

/* A token, a function that fetches one, or null: nobody is signed in any more.
 * What another user said is not his to see, nor while it is not known who he is. */
async function setUser(source) {
	const turn = ++turns;
	setSource(source);
	root.classList.toggle("unknown", conversation.user !== null);
	for (let failures = 0; turn === turns && !life.signal.aborted; failures++) {
		if (await userToken().then(() => true, () => false))
			break;
		await new Promise((go) => setTimeout(go, pauseAfter(failures)));
	}
	if (turn !== turns)
		return;
	root.classList.remove("unknown");
	if (isFormer(conversation.user))
		endChat();
}

function send(text) {
	if (!String(text).trim())
		return;
	open(true);
	submitText(String(text).trim());
}

function destroy() {
	conversation.stop();
	life.abort();
	host.remove();
	listeners.clear();
	delete window.tellerd;
}

/* ---- Beginning */

function start() {
	mount();
	follow(life.signal);
	watchScroll(life.signal);
	watchTyping(() => isComplete && (state === "bot" || state === "waiting"));
	watchUnread((n) => emit("unread", n), life.signal);
	watchComposer(submitText);
	watchStarters((question) => {
		submitText(question);
		moveFocus();
	});
	$("person").addEventListener("click", () => {
		submit({ kind: "handover" });
		$("person").hidden = true;
		moveFocus();
	});
	$("end").addEventListener("click", askForEnd);
	isComplete = !conversation.isOpen;
	$("log").setAttribute("aria-busy", String(!isComplete));
	watchPanel((isOpen) => emit(isOpen ? "open" : "close"), life.signal);
	conversation.start().forEach(showItem);
	showWelcome();
}

window.tellerd = Object.freeze({ open: () => open(), close, toggle, send, setUser, on, destroy });
if (document.body)
	start();
else
	document.addEventListener("DOMContentLoaded", start, { once: true, signal: life.signal });
document.dispatchEvent(new CustomEvent("tellerd:ready"));

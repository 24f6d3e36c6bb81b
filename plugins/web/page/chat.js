/* The chat page: shows a conversation and sends what is typed. */
import { Conversation } from "/conversation.js";
import { render } from "/markdown.js";

const MAX_CHARS = 8000;
const FEW_CHARS = 500;
const NO_CHARS = 50;
const TYPING_MS = 30000;
const BANNER_MS = 1500;

const STATES = {
	bot: "Automated assistant",
	waiting: "Waiting for a person",
	person: "A person is with you",
	closed: "This conversation has ended",
};
const AUTHORS = { customer: "You", bot: "Assistant", agent: "Agent", system: "Notice" };
const WANTS_PERSON = "I would like to talk to a person.";

const $ = (id) => document.getElementById(id);
const [log, main, text] = [$("log"), $("main"), $("text")];
const shown = new Map();   /* messages by id */
const sending = new Map(); /* messages by the id that we gave them */
const awaiting = new Set(); /* ids that have no reply yet */
const answered = new Set(); /* ids that have: a reply may be first to come */
let isComplete = false; /* all that was said before is shown */
let wasAtEnd = true; /* when the reader last scrolled */
let toldOfLength = ""; /* what was said of it last */
let state = "bot";
let typingTimer, bannerTimer;

function make(name, className, content) {
	const node = document.createElement(name);
	if (className)
		node.className = className;
	if (content !== undefined)
		node.textContent = content;
	return node;
}

const say = (words) => {
	$("status").textContent = words;
};

/* ---- Messages */

const numberOf = (id) => Number(id.slice(4));

/* In the order in which all was said; what the server does not have yet is
 * last. */
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

const isAtEnd = () =>
	main.scrollHeight - main.scrollTop - main.clientHeight < 80;

function goToEnd() {
	main.scrollTop = main.scrollHeight;
}

/* Follow what is said, unless the reader has gone back. */
function keepAtEnd(change) {
	const follows = isAtEnd() || !isComplete;
	change();
	if (follows)
		goToEnd();
}

function newMessage(author, name, at) {
	const message = make("article", `message ${author}`);
	const who = make("p", "who");
	who.append(make("b", "", name || AUTHORS[author] || author));
	const time = make("time", "", at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
	time.dateTime = at.toISOString();
	who.append(" ", time);
	message.append(who, make("div", "body"));
	return message;
}

function setFate(message, words, isBad) {
	message.querySelector(".fate")?.remove();
	message.classList.toggle("unsent", Boolean(words));
	message.classList.toggle("refused", Boolean(isBad));
	if (words)
		message.append(make("p", "fate", words));
}

function wordsOf({ kind, text: words }) {
	return kind === "handover" && !words ? WANTS_PERSON : words;
}

function addSources(message, sources) {
	if (!sources?.length)
		return;
	const list = make("p", "sources", sources.length > 1 ? "Sources: " : "Source: ");
	sources.forEach((source, i) => {
		if (i > 0)
			list.append("; ");
		list.append(make("cite", "", source.title || source.id), " ",
			make("code", "", `${source.id}@${source.version}`));
	});
	message.append(list);
}

function addOptions(message, options) {
	if (!options?.length)
		return;
	const group = make("div", "options");
	group.setAttribute("role", "group");
	group.setAttribute("aria-label", "Choose one");
	for (const { id, label } of options) {
		const button = make("button", "", label);
		button.type = "button";
		button.addEventListener("click", () => {
			submit({ kind: "option", option: id, text: label });
			moveFocus();
		});
		group.append(button);
	}
	message.append(group);
}

/* A change of mind counts, so both stay. */
function addThumbs(message, id) {
	const group = make("div", "thumbs");
	group.setAttribute("role", "group");
	group.setAttribute("aria-label", "Was this helpful?");
	for (const [rating, label] of [["up", "Helpful"], ["down", "Not helpful"]]) {
		const button = make("button", "", label);
		button.type = "button";
		button.setAttribute("aria-pressed", "false");
		button.addEventListener("click", async () => {
			try {
				await conversation.rate(id, rating);
			} catch {
				say("Your rating was not taken.");
				return;
			}
			for (const other of group.children)
				other.setAttribute("aria-pressed", other === button);
			say("Thank you.");
		});
		group.append(button);
	}
	message.append(group);
}

/* What was offered before is no longer asked. */
function keepLastOptions() {
	for (const group of log.querySelectorAll(".options"))
		if (group.parentNode !== log.lastElementChild)
			group.remove();
}

function showEntry(entry) {
	let message = shown.get(entry.id);
	if (message && entry.author !== "customer")
		return;
	if (!message) {
		message = newMessage(entry.author, entry.name, new Date(entry.at));
		message.dataset.id = entry.id;
		shown.set(entry.id, message);
	}
	const body = message.querySelector(".body");
	if (entry.author === "customer") {
		/* The server's words: card numbers and the like are out. */
		body.textContent = wordsOf(entry) || body.textContent;
	} else {
		body.append(render(entry.text));
		addSources(message, entry.sources);
		addOptions(message, entry.options);
		if (entry.author === "bot")
			addThumbs(message, entry.id);
	}
	place(message);
}

/* ---- The assistant at work */

function showTyping() {
	clearTimeout(typingTimer);
	const isBusy = isComplete && awaiting.size > 0 && state !== "person";
	if (isBusy === $("typing").hidden)
		say(isBusy ? "The assistant is writing" : "");
	keepAtEnd(() => {
		$("typing").hidden = !isBusy;
	});
	if (isBusy)
		typingTimer = setTimeout(() => {
			awaiting.clear();
			showTyping();
		}, TYPING_MS);
}

function noteReplies(entry) {
	if (entry.author === "customer" && !answered.has(entry.id))
		awaiting.add(entry.id);
	for (const id of entry.in_reply_to ?? []) {
		awaiting.delete(id);
		answered.add(id);
	}
}

/* ---- What the conversation tells */

function showItem(item) {
	const message = newMessage("customer", "", new Date());
	message.querySelector(".body").textContent = wordsOf(item);
	setFate(message, "Sending …");
	sending.set(item.client_id, message);
	keepAtEnd(() => {
		place(message);
		keepLastOptions();
	});
	showWelcome();
}

const conversation = new Conversation({
	entry(entry) {
		const isNew = !shown.has(entry.id);
		keepAtEnd(() => {
			showEntry(entry);
			keepLastOptions();
		});
		if (isNew)
			noteReplies(entry);
		showWelcome();
		showTyping();
	},
	sent(item, id) {
		const message = sending.get(item.client_id);
		sending.delete(item.client_id);
		showOnline(true);
		if (shown.has(id)) {
			message?.remove();
			return;
		}
		if (!message)
			return;
		message.dataset.id = id;
		shown.set(id, message);
		setFate(message, "");
		place(message);
		noteReplies({ id, author: "customer" });
		showTyping();
	},
	refused(item, words) {
		const message = sending.get(item.client_id);
		sending.delete(item.client_id);
		if (message)
			setFate(message, `Not sent. ${words}`, true);
		setState(state);
	},
	state(name) {
		const isFirst = !isComplete, before = state;
		setState(name);
		if (isFirst)
			goToEnd();
		else if (name !== before)
			say(STATES[state] ?? "");
	},
	online: showOnline,
	ended() {
		log.append(make("p", "ended",
			"The conversation above has expired. What you write now begins a new one."));
		shown.clear();
		for (const message of log.querySelectorAll("[data-id]"))
			delete message.dataset.id;
		for (const message of sending.values())
			log.append(message);
		awaiting.clear();
		setState("bot");
	},
});

/* ---- Around it */

/* Known once all that was said before is shown. */
function setState(name) {
	state = name;
	isComplete = true;
	log.setAttribute("aria-busy", "false");
	$("state").textContent = STATES[state] ?? "";
	$("state").dataset.state = state;
	$("person").hidden = state === "waiting" || state === "person";
	showTyping();
}

/* What the settings say of the page: it is of use without that, too. */
async function showSettings() {
	const response = await fetch("/page.json");
	if (!response.ok)
		return;
	const { title, starters } = await response.json();
	document.title = $("title").textContent = title;
	$("often").hidden = starters.length === 0;
	$("starters").replaceChildren(...starters.map((question) => {
		const row = make("li");
		row.append(make("button", "", question));
		row.firstChild.type = "button";
		return row;
	}));
}

function showWelcome() {
	const isEmpty = log.childElementCount === 0;
	$("welcome").hidden = !isEmpty;
	$("again").hidden = isEmpty;
}

/* A stream is renewed now and then: that is no interruption. */
function showOnline(isOnline) {
	if (isOnline) {
		clearTimeout(bannerTimer);
		bannerTimer = undefined;
		$("banner").textContent = "";
		return;
	}
	bannerTimer ??= setTimeout(() => {
		$("banner").textContent = "No connection. What you send is kept, " +
			"and goes out as soon as there is one.";
	}, BANNER_MS);
}

/* Not to the input where that brings a keyboard up over the page. */
function moveFocus() {
	(matchMedia("(pointer: coarse)").matches ? main : text).focus();
}

function submit(item) {
	conversation.send(item);
	showItem(item);
	goToEnd();
}

/* Not with every key: where the end comes near, very near, and is passed. */
function tellOfLength(left) {
	const near = left < 0 ? "over" : left <= NO_CHARS ? "very near"
		: left <= FEW_CHARS ? "near" : "";
	if (near && near !== toldOfLength)
		say($("left").textContent);
	toldOfLength = near;
}

function measure() {
	const left = MAX_CHARS - [...text.value].length;
	const isLong = left < 0;
	$("left").textContent = left > FEW_CHARS ? "" : isLong
		? `${-left} characters too many` : `${left} characters left`;
	$("left").classList.toggle("refused", isLong);
	tellOfLength(left);
	$("send").disabled = isLong || !text.value.trim();
	text.setAttribute("aria-invalid", String(isLong));
	text.rows = Math.min(Math.max(text.value.split("\n").length, 1), 6);
}

function sendText() {
	measure();
	if ($("send").disabled)
		return;
	submit({ kind: "text", text: text.value.trim() });
	text.value = "";
	measure();
	text.focus();
}

$("form").addEventListener("submit", (event) => {
	event.preventDefault();
	sendText();
});
text.addEventListener("input", measure);
text.addEventListener("keydown", (event) => {
	if (event.key !== "Enter" || event.shiftKey || event.isComposing)
		return;
	event.preventDefault();
	sendText();
});
$("starters").addEventListener("click", ({ target }) => {
	if (target.localName !== "button")
		return;
	submit({ kind: "text", text: target.textContent });
	moveFocus();
});
$("person").addEventListener("click", () => {
	submit({ kind: "handover" });
	$("person").hidden = true;
	moveFocus();
});
$("again").addEventListener("click", () => {
	if ((state === "waiting" || state === "person") &&
	    !confirm("A person may still answer in this conversation. Begin a new one?"))
		return;
	conversation.forget();
	log.replaceChildren();
	for (const collection of [shown, sending, awaiting, answered])
		collection.clear();
	setState("bot");
	showWelcome();
	say("A new conversation has begun.");
	text.focus();
});

main.addEventListener("scroll", () => {
	wasAtEnd = isAtEnd();
}, { passive: true });
/* A keyboard comes up, or the device is turned: the last words stay in sight. */
new ResizeObserver(() => {
	if (wasAtEnd && log.childElementCount > 0)
		goToEnd();
}).observe(main);

isComplete = !conversation.isOpen;
log.setAttribute("aria-busy", String(!isComplete));
$("welcome").hidden = !isComplete;
measure();
showSettings().catch(() => {});
conversation.start().forEach(showItem);

/* The demo's help page: the firm's name, topics and contact come from the pack,
 * and each question opens the widget. */

const $ = (selector) => document.querySelector(selector);

function make(name, className, text) {
	const element = document.createElement(name);
	if (className)
		element.className = className;
	element.append(text ?? "");
	return element;
}

/* Where the widget could not be loaded the chat page does. */
function open(question) {
	const widget = window.tellerd;
	if (!widget) {
		location.assign("/chat");
		return;
	}
	widget.open();
	if (question)
		widget.send(question);
}

function showTopics(topics) {
	$("#topics ul").replaceChildren(...topics.map(({ title, text }) => {
		const row = make("li"), card = make("button", "card");
		card.type = "button";
		card.append(make("span", "title", title), make("span", "text", text));
		card.addEventListener("click", () => open(text));
		row.append(card);
		return row;
	}));
	$("#topics").hidden = topics.length === 0;
}

/* Nothing but digits, blanks and a plus: a telephone, to be called. */
function contactText(text) {
	const [number] = /^\+?[0-9 ]{6,}/.exec(text) ?? [];
	const place = make("dd");
	if (!number) {
		place.append(text);
		return place;
	}
	const link = make("a", "", number.trim());
	link.href = `tel:${number.replaceAll(" ", "")}`;
	place.append(link, text.slice(number.trimEnd().length));
	return place;
}

function showContact(contact) {
	$("#contact dl").replaceChildren(...contact.map(({ title, text }) => {
		const row = make("div");
		row.append(make("dt", "", title), contactText(text));
		return row;
	}));
	$("#contact").hidden = false;
}

async function show() {
	const response = await fetch("/page.json");
	if (!response.ok)
		throw new Error(`page.json: ${response.status}`);
	const { title, language, topics, contact } = await response.json();
	document.title = `${title}: help`;
	for (const place of document.querySelectorAll(".firm"))
		place.textContent = title;
	for (const place of [$("#topics ul"), $("#contact dl")])
		place.lang = language;
	showTopics(topics ?? []);
	showContact(contact ?? []);
}

$("#ask").addEventListener("submit", (event) => {
	event.preventDefault();
	const words = $("#words").value.trim();
	if (!words) {
		$("#words").focus();
		return;
	}
	$("#words").value = "";
	open(words);
});
$("#chat").addEventListener("click", () => open());
show().catch(() => showContact([]));

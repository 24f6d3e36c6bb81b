/* One message: who said it, when, what, and what can be done with it. */
import { render } from "./markdown.js";
import { make } from "./node.js";
import { clock, t } from "./texts.js";

const AUTHORS = ["customer", "bot", "agent", "system"];

export function newMessage(author, name, at) {
	const kind = AUTHORS.includes(author) ? author : "system";
	const time = make("time", { datetime: at.toISOString() }, clock(at));
	return make(`article.message.${kind}`, {},
		make("p.who", {}, make("b", {}, name || t(kind)), " ", time),
		make("div.body", {}, make("div.words", { dir: "auto" })));
}

export const wordsOf = ({ kind, text }) =>
	kind === "handover" && !text ? t("wants_person") : text;

/* The customer's own words, as they are. */
export function setWords(message, words) {
	message.querySelector(".words").textContent = words;
}

export function setReply(message, words) {
	message.querySelector(".words").replaceChildren(render(words));
}

/* What became of what was sent; "": it has arrived.  again(): to try it once
 * more. */
export function setFate(message, words, again) {
	message.querySelector(".fate")?.remove();
	message.classList.toggle("unsent", Boolean(words));
	message.classList.toggle("refused", Boolean(again));
	if (!words)
		return;
	const fate = make("p.fate", {}, words);
	if (again) {
		const button = make("button.quiet", {}, t("again"));
		button.addEventListener("click", again);
		fate.append(" ", button);
	}
	message.append(fate);
}

export function sources(list) {
	if (!list?.length)
		return undefined;
	const line = make("p.sources", {}, t(list.length > 1 ? "sources" : "source"));
	list.forEach(({ id, version, title }, i) => {
		line.append(i > 0 ? "; " : " ", make("cite", {}, title || id), " ",
			make("code", {}, `${id}@${version}`));
	});
	return line;
}

/* choose(option): the customer takes that one. */
export function options(list, choose) {
	if (!list?.length)
		return undefined;
	return make("div.options", { role: "group", "aria-label": t("choose") },
		...list.map((option) => {
			const button = make("button", {}, option.label);
			button.addEventListener("click", () => choose(option));
			return button;
		}));
}

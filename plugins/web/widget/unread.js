/* How many replies nobody has seen, on the launcher and for the ear. */
import { numberOf } from "./log.js";
import { memory } from "./memory.js";
import { say } from "./say.js";
import { settings } from "./settings.js";
import { t } from "./texts.js";
import { $ } from "./view.js";

const MANY = 9;

const replies = new Set(); /* numbers of those that were said to the customer */
let newest = 0;
let tell = () => {};

const isSeen = () => !$("panel").hidden && !document.hidden;

function count() {
	const seen = memory.seen;
	return [...replies].filter((number) => number > seen).length;
}

export function showUnread() {
	if (isSeen() && newest > memory.seen)
		memory.seen = newest;
	const n = count();
	tell(n);
	if (settings.isInline)
		return;
	const isOpen = !$("panel").hidden;
	const words = n ? `${t("launcher")}, ${t("unread", { n })}` : t("launcher");
	$("launcher").setAttribute("aria-label", isOpen ? t("launcher_close") : words);
	$("badge").textContent = n > MANY ? `${MANY}+` : String(n);
	$("badge").hidden = n === 0 || isOpen;
}

/* isNew: it was said just now, and not before the page was there. */
export function noteUnread({ id, author }, isNew) {
	newest = Math.max(newest, numberOf(id));
	if (author === "customer")
		return;
	replies.add(numberOf(id));
	showUnread();
	if (isNew && !isSeen())
		say(t("unread", { n: count() }));
}

export function forgetUnread() {
	replies.clear();
	newest = memory.seen = 0;
	showUnread();
}

/* changed(n): the number of unread replies is that now. */
export function watchUnread(changed, signal) {
	let last = 0;
	tell = (n) => {
		if (n !== last)
			changed(last = n);
	};
	document.addEventListener("visibilitychange", showUnread, { signal });
	memory.onChange(showUnread, signal);
}

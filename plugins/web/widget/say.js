/* What the widget says of itself: for the ear alone, in a strip above the
 * conversation, or as an alarm. */
import { t } from "./texts.js";
import { $ } from "./view.js";

const BANNER_MS = 1500;

let timer;

export function say(words) {
	$("status").textContent = words;
}

/* A stream is renewed now and then: that is no interruption. */
export function showOnline(isOnline) {
	if (isOnline) {
		clearTimeout(timer);
		timer = undefined;
		$("banner").textContent = "";
		return;
	}
	timer ??= setTimeout(() => {
		$("banner").textContent = t("offline");
	}, BANNER_MS);
}

/* Until the next one, or until it is no more true: "". */
export function alarm(words) {
	$("alert").textContent = words;
}

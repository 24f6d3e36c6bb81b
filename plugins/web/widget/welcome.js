/* What the desk says of itself before anything is said: its name, a greeting,
 * questions that are often asked.  Without that the widget has its own words. */
import { make } from "./node.js";
import { request } from "./server.js";
import { t } from "./texts.js";
import { $, root } from "./view.js";

let isAsked = false;

const isWebAddress = (url) => /^https?:\/\//.test(url ?? "");

function showFacts({ title, greeting, language, privacy_url, starters, why }) {
	$("title").textContent = title || t("title");
	$("greeting").textContent = greeting || t("greeting");
	/* The desk may speak another language than the page. */
	if (language && greeting)
		$("greeting").lang = language;
	if (language)
		$("starters").lang = language;
	$("privacy").hidden = !isWebAddress(privacy_url);
	if (isWebAddress(privacy_url))
		$("privacy").href = privacy_url;
	$("often").hidden = !starters?.length;
	$("starters").replaceChildren(...(starters ?? []).map((question) =>
		make("li", {}, make("button", {}, question))));
	root.classList.toggle("explains", Boolean(why));
}

/* Once, when somebody looks. */
export async function loadFacts() {
	if (isAsked)
		return;
	isAsked = true;
	try {
		showFacts(await (await request("/v1/widget")).json());
	} catch {
		isAsked = false;
	}
}

/* ask(question) is called with the one that was chosen. */
export function watchStarters(ask) {
	$("starters").addEventListener("click", ({ target }) => {
		if (target.localName === "button")
			ask(target.textContent);
	});
}

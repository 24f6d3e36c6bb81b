/* The one question that the widget asks before it forgets. */
import { make } from "./node.js";
import { t } from "./texts.js";
import { $, focused } from "./view.js";

/* advice: what is lost.  end() is called if that is wanted. */
export function askToEnd(advice, end) {
	const before = focused();
	const others = [...$("panel").children];
	const yes = make("button.strong", {}, t("end"));
	const no = make("button", {}, t("keep"));
	const question = make("div.question", {
		role: "alertdialog",
		"aria-modal": "true",
		"aria-labelledby": "end-question",
		"aria-describedby": "end-advice",
	}, make("h3#end-question", {}, t("end_question")), make("p#end-advice", {}, advice),
	make("div.buttons", {}, yes, no));
	const cover = make("div.cover#ending", {}, question);
	const leave = () => {
		cover.remove();
		for (const other of others)
			other.inert = false;
		before?.focus();
	};
	no.addEventListener("click", leave);
	yes.addEventListener("click", () => {
		leave();
		end();
	});
	cover.addEventListener("keydown", (event) => {
		if (event.key !== "Escape")
			return;
		event.stopPropagation();
		leave();
	});
	for (const other of others)
		other.inert = true;
	$("panel").append(cover);
	no.focus();
}

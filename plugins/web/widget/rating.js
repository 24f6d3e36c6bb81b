/* What a customer thinks of a reply: two thumbs below it, and, where it was no
 * help, the question why, which need not be answered. */
import { icon, make } from "./node.js";
import { say } from "./say.js";
import { keepAtEnd } from "./scroll.js";
import { t } from "./texts.js";

const COMMENT_CHARS = 1300; /* at 3 bytes at most: the server takes 4000 */

/* What of a reply was no help, as the server calls it. */
const REASONS = ["wrong", "outdated", "unclear", "incomplete", "off_topic"];

const reasons = () => make("div.reasons", {}, ...REASONS.map((reason) =>
	make("label", {}, make("input", { type: "radio", name: "reason", value: reason }),
		t(`reason_${reason}`))));

const comment = () => make("label", {}, t("comment"),
	make("textarea", { name: "comment", rows: "2", maxlength: String(COMMENT_CHARS) }));

function buttons(close) {
	const skip = make("button", {}, t("skip"));
	skip.addEventListener("click", close);
	return make("div.buttons", {}, make("button.strong", { type: "submit" }, t("send")), skip);
}

/* Why it was no help, for who wants to say so: the rating itself is stored. */
function askReason(message, rateReply, button) {
	if (message.querySelector(".reason"))
		return;
	const close = () => {
		form.remove();
		button.focus();
	};
	const form = make("form.reason", {}, make("fieldset", {},
		make("legend", {}, t("reason_question")), reasons(), comment(), buttons(close)));
	form.addEventListener("submit", async (event) => {
		event.preventDefault();
		const reason = form.elements.reason.value || undefined;
		const words = form.elements.comment.value.trim() || undefined;
		if ((!reason && !words) ||
		    await rate(message, rateReply, "down", { reason, comment: words }))
			close();
	});
	form.addEventListener("keydown", (event) => {
		if (event.key !== "Escape" || event.isComposing)
			return;
		event.stopPropagation();
		close();
	});
	keepAtEnd(() => message.append(form));
	form.elements.reason[0].focus();
}

export function showRating(message, rating) {
	for (const button of message.querySelectorAll(".thumbs button"))
		button.setAttribute("aria-pressed", button.dataset.rating === rating);
}

async function rate(message, rateReply, rating, why) {
	try {
		await rateReply(rating, why);
	} catch {
		say(t("not_rated"));
		return false;
	}
	showRating(message, rating);
	say(t("thanks"));
	return true;
}

function thumb(message, rateReply, rating, label) {
	const button = make("button.plain", {
		"aria-label": label,
		"aria-pressed": "false",
		title: label,
		"data-rating": rating,
	}, icon("thumb"));
	button.addEventListener("click", async () => {
		if (!await rate(message, rateReply, rating))
			return;
		if (rating === "down")
			askReason(message, rateReply, button);
		else
			message.querySelector(".reason")?.remove();
	});
	return button;
}

/* rateReply(rating, why) tells the server.  A change of mind counts, so both
 * thumbs stay. */
export const thumbs = (message, rateReply) =>
	make("div.thumbs", { role: "group", "aria-label": t("helpful_question") },
		thumb(message, rateReply, "up", t("helpful")),
		thumb(message, rateReply, "down", t("not_helpful")));

/* "Why?": what a reply was decided upon, where the desk shows that. */
import { make } from "./node.js";
import { goTo } from "./scroll.js";
import { percent, t } from "./texts.js";

/* A row of the card, if there is something to say. */
const row = (name, value) =>
	value === undefined || value === null || value === "" ? []
		: [make("dt", {}, t(name)), make("dd", {}, String(value))];

function thresholds(card) {
	const found = card.thresholds ?? {
		answer: card.basis?.threshold,
		options: card.basis?.floor,
	};
	return Object.entries(found).filter(([, value]) => typeof value === "number")
		.map(([name, value]) => `${name} ${percent(value)}`).join(", ");
}

const milliseconds = (us) => us === undefined ? undefined
	: `${(us / 1000).toLocaleString(undefined, { maximumFractionDigits: 1 })} ms`;

function candidate({ id, version, question, confidence }) {
	const meter = make("meter", {
		min: "0", max: "1", value: String(confidence), "aria-hidden": "true",
	});
	return make("li", {},
		make("span.candidate", {}, question || id),
		make("code", {}, `${id}@${version}`), meter,
		make("b", {}, percent(confidence)));
}

function show(card) {
	const list = make("dl", {},
		...row("why_decision", card.kind),
		...row("why_rule", card.rule),
		...row("why_entry", card.entry),
		...row("why_confidence", card.confidence === undefined ? undefined : percent(card.confidence)),
		...row("why_thresholds", thresholds(card)),
		...row("why_time", milliseconds(card.decide_us ?? card.timings?.decide_us)));
	const candidates = [...card.candidates ?? []]
		.sort((a, b) => b.confidence - a.confidence);
	if (candidates.length === 0)
		return [list];
	return [list, make("h4", {}, t("why_candidates")),
		make("ol", {}, ...candidates.map(candidate))];
}

/* explain() gives the card, or fails where there is none. */
export function whyButton(message, id, explain) {
	const button = make("button.plain.ask-why", {
		"aria-expanded": "false",
		"aria-controls": `why-${id}`,
	}, t("why"));
	button.addEventListener("click", async () => {
		const open = message.querySelector(".why");
		button.setAttribute("aria-expanded", String(!open));
		if (open) {
			open.remove();
			return;
		}
		const card = make("section.why", { id: `why-${id}`, "aria-label": t("why_title") });
		message.append(card);
		card.append(...await explain().then(show, () => [make("p", {}, t("why_failed"))]));
		goTo(button);
	});
	return button;
}

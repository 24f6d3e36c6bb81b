/* Telephone numbers in the text of a reply, as links.  Dates, amounts, card and
 * account numbers are of digits, too: only what begins as a number that can be
 * called from anywhere (+), or from within a country (0), and is as long as one,
 * is taken for one. */

const NUMBER = /(?:\+[1-9]\d{0,14}(?: ?\(0\) ?\d+)?|\(0\d{1,4}\)|0\d{1,5})(?:[ \u00a0-]\d{1,8})*/g;
const WITHIN = /[\p{L}\p{N}+,.:/#-]/u; /* what stands beside a part of something longer */
const LONGER = /^(?:[\p{L}\p{N}]|[,.:/-]\d)/u;
const DIGITS = { "+": [8, 15], "0": [9, 12] }; /* at least and at most; 15: ITU-T E.164 */

const isWithin = (before, after) =>
	WITHIN.test(before.slice(-1)) || /\d\s$/.test(before) || LONGER.test(after);

/* As it is dialled; null: it is no telephone number. */
function dialled(written) {
	const plus = written[0] === "+" ? "+" : "";
	const digits = written.replace("(0)", "").replace(/\D/g, "");
	const [least, most] = DIGITS[plus || "0"];
	const isGrouped = plus || /\D/.test(written);
	return isGrouped && digits.length >= least && digits.length <= most
		? plus + digits : null;
}

function call(number, written) {
	const a = document.createElement("a");
	a.href = `tel:${number}`;
	a.dir = "ltr"; /* in a text from right to left, too */
	a.textContent = written;
	return a;
}

/* The text's nodes: words, and what can be called. */
export function withPhones(text) {
	const nodes = [];
	let at = 0;
	for (const { 0: written, index } of text.matchAll(NUMBER)) {
		const end = index + written.length;
		const number = dialled(written);
		if (!number || isWithin(text.slice(Math.max(at, index - 2), index), text.slice(end, end + 2)))
			continue;
		nodes.push(text.slice(at, index), call(number, written));
		at = end;
	}
	return [...nodes, text.slice(at)].filter(Boolean);
}

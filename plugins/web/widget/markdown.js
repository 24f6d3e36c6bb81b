/* The part of CommonMark that replies use, as DOM nodes: paragraphs, lists,
 * bold, italic, code, links, addresses and telephone numbers as they stand;
 * headings become bold.  All text gets into the page as text nodes, so that no
 * markup of the author's ever does. */

import { withPhones } from "./phones.js";

const SCHEMES = ["http:", "https:", "mailto:", "tel:"];
const MAX_DEPTH = 6;
const ESCAPABLE = /[!-/:-@[-`{-~]/;
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0" };
const LINK = /\[([^[\]]*)\]\(\s*<?([^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+"[^"]*")?\s*\)/y;
/* What ends a sentence is no part of an address in it. */
const AUTOLINK = /<([a-z]+:[^\s<>]+)>|(https?:\/\/[^\s<>]*[^\s<>.,:;!?'")*_])/iy;
const ENTITY = /&([a-z]+);/iy;
const ITEM = /^ {0,3}([-*+]|(\d{1,9})[.)])[ \t]+(?=\S)/;
const FENCE = /^ {0,3}(```+|~~~+)/;
const HEADING = /^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*$/;

function element(name, parent) {
	const node = document.createElement(name);
	parent.append(node);
	return node;
}

function href(text) {
	try {
		const url = new URL(text);
		return SCHEMES.includes(url.protocol) ? url.href : null;
	} catch {
		return null;
	}
}

function link(url, parent) {
	const a = element("a", parent);
	a.href = url;
	a.rel = "noopener noreferrer nofollow";
	if (url.startsWith("http"))
		a.target = "_blank";
	return a;
}

function matchAt(pattern, text, at) {
	pattern.lastIndex = at;
	return pattern.exec(text);
}

const isSpace = (c) => c === undefined || /\s/.test(c);
const isWord = (c) => c !== undefined && /[\p{L}\p{N}]/u.test(c);

/* Where the emphasis that opens before `from` closes; -1: nowhere. */
function findClose(text, mark, from) {
	const c = mark[0];
	for (let at = from; (at = text.indexOf(mark, at)) >= 0; at++) {
		let end = at;
		while (text[end] === c)
			end++;
		/* A run of ** inside * is another's. */
		const fits = mark.length === 2 || (end - at) % 2 === 1;
		if (fits && at > from && !isSpace(text[at - 1]) &&
		    text[at - 1] !== "\\" && (c === "*" || !isWord(text[end])))
			return end - mark.length;
		at = end - 1;
	}
	return -1;
}

/* One pass over the text; what is searched for once and not found is not
 * searched for again, so that no text takes longer than its length. */
function inline(text, parent, depth) {
	const nested = depth < MAX_DEPTH;
	const missing = new Set();
	let plain = "", at = 0;

	const flush = () => {
		if (plain)
			parent.append(...(nested ? withPhones(plain) : [plain]));
		plain = "";
	};
	const emphasis = (c) => {
		const mark = text[at + 1] === c ? c + c : c;
		const from = at + mark.length;
		if (missing.has(mark) || isSpace(text[from]) ||
		    (c === "_" && isWord(text[at - 1])))
			return false;
		const end = findClose(text, mark, from);
		if (end < 0) {
			missing.add(mark);
			return false;
		}
		flush();
		inline(text.slice(from, end),
		       element(mark.length === 2 ? "strong" : "em", parent), depth + 1);
		at = end + mark.length;
		return true;
	};
	const code = () => {
		const mark = /`+/y.exec(text.slice(at, at + 20))[0];
		const end = missing.has(mark) ? -1 : text.indexOf(mark, at + mark.length);
		if (end < 0) {
			missing.add(mark);
			return false;
		}
		flush();
		element("code", parent).textContent =
			text.slice(at + mark.length, end).replace(/\s+/g, " ").trim();
		at = end + mark.length;
		return true;
	};
	const linked = () => {
		const found = matchAt(LINK, text, at);
		const url = found && href(found[2]);
		if (!url)
			return false;
		flush();
		inline(found[1], link(url, parent), MAX_DEPTH);
		at += found[0].length;
		return true;
	};
	const autolinked = () => {
		const found = matchAt(AUTOLINK, text, at);
		const written = found && (found[1] ?? found[2]);
		const url = written && href(written);
		if (!url)
			return false;
		flush();
		link(url, parent).textContent = written;
		at += found[0].length;
		return true;
	};
	const entity = () => {
		const found = matchAt(ENTITY, text, at);
		const value = found && ENTITIES[found[1]];
		if (!value)
			return false;
		plain += value;
		at += found[0].length;
		return true;
	};
	const lineBreak = () => {
		const hard = /(?: {2,}|\\)$/.exec(plain);
		plain = plain.replace(/(?: +|\\)$/, "");
		if (hard) {
			flush();
			element("br", parent);
		} else {
			plain += " ";
		}
		at++;
		return true;
	};
	const escaped = () => {
		if (!ESCAPABLE.test(text[at + 1] ?? ""))
			return false;
		plain += text[at + 1];
		at += 2;
		return true;
	};

	while (at < text.length) {
		const c = text[at];
		if (((c === "*" || c === "_") && nested && emphasis(c)) ||
		    (c === "`" && code()) || (c === "[" && nested && linked()) ||
		    ((c === "<" || (c === "h" && !isWord(text[at - 1]))) && nested && autolinked()) ||
		    (c === "&" && entity()) || (c === "\n" && lineBreak()) ||
		    (c === "\\" && escaped()))
			continue;
		plain += c;
		at++;
	}
	flush();
}

/* A list's items from that line on; gives the line behind them. */
function list(lines, at, parent) {
	const first = ITEM.exec(lines[at]);
	const node = element(first[2] ? "ol" : "ul", parent);
	if (first[2] && first[2] !== "1")
		node.start = Number(first[2]);
	while (at < lines.length) {
		const found = ITEM.exec(lines[at]);
		if (!found || !found[2] !== !first[2])
			break;
		const text = [lines[at++].slice(found[0].length)];
		while (at < lines.length && lines[at].trim() && !ITEM.exec(lines[at]))
			text.push(lines[at++].trim());
		inline(text.join("\n"), element("li", node), 0);
		/* A list may be loose. */
		if (at + 1 < lines.length && !lines[at].trim() && ITEM.exec(lines[at + 1]))
			at++;
	}
	return at;
}

function fenced(lines, at, parent) {
	const fence = FENCE.exec(lines[at])[1];
	const text = [];
	while (++at < lines.length && !lines[at].trim().startsWith(fence))
		text.push(lines[at]);
	element("code", element("pre", parent)).textContent = text.join("\n");
	return at + 1;
}

function paragraph(lines, at, parent) {
	const text = [];
	const ends = (line) => !line.trim() || ITEM.test(line) ||
		FENCE.test(line) || HEADING.test(line);
	do
		text.push(lines[at++].trimStart());
	while (at < lines.length && !ends(lines[at]));
	inline(text.join("\n").trimEnd(), element("p", parent), 0);
	return at;
}

export function render(markdown) {
	const fragment = document.createDocumentFragment();
	const lines = markdown.replace(/\r\n?/g, "\n").split("\n");
	for (let at = 0; at < lines.length;) {
		const heading = HEADING.exec(lines[at]);
		if (!lines[at].trim())
			at++;
		else if (FENCE.test(lines[at]))
			at = fenced(lines, at, fragment);
		else if (ITEM.test(lines[at]))
			at = list(lines, at, fragment);
		else if (heading)
			inline(heading[1], element("strong", element("p", fragment)), 0, at++);
		else
			at = paragraph(lines, at, fragment);
	}
	return fragment;
}

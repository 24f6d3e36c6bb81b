/* What the other parts make their elements with.  Text becomes text nodes and
 * nothing else, so that the strictest policy of a page lets all of it be. */

const SVG = "http://www.w3.org/2000/svg";

/* Lines on a ground of 24 by 24. */
const ICONS = {
	chat: "M4 5.5h16v11H11l-4.5 3.5v-3.5H4z",
	close: "M6 6l12 12M18 6 6 18",
	down: "M6 9.5l6 6 6-6",
	end: "M14.5 4.5h-9v15h9M10.5 12h10M17 8.5l3.5 3.5-3.5 3.5",
	send: "M12 19.5v-15M5.5 11 12 4.5l6.5 6.5",
	thumb: "M7.5 11v9H4v-9zm0 0 3.7-7.5c1.6 0 2.5 1.1 2.5 2.6V9h4.7a2 2 0 0 1 2 2.3" +
		"l-1.2 7a2 2 0 0 1-2 1.7H7.5",
};

/* make("p.fate#left", {role: "note"}, "Words", node): an attribute of false or
 * undefined is left out. */
export function make(selector, attributes = {}, ...content) {
	const [name, ...marks] = selector.split(/(?=[.#])/);
	const node = document.createElement(name);
	if (name === "button")
		node.type = "button";
	for (const mark of marks)
		if (mark[0] === "#")
			node.id = mark.slice(1);
		else
			node.classList.add(mark.slice(1));
	for (const [key, value] of Object.entries(attributes))
		if (value !== undefined && value !== false)
			node.setAttribute(key, value === true ? "" : value);
	node.append(...content.filter((part) => part !== undefined));
	return node;
}

export function icon(name) {
	const svg = document.createElementNS(SVG, "svg");
	const path = document.createElementNS(SVG, "path");
	svg.setAttribute("viewBox", "0 0 24 24");
	svg.setAttribute("aria-hidden", "true");
	svg.setAttribute("class", `icon ${name}`);
	path.setAttribute("d", ICONS[name]);
	svg.append(path);
	return svg;
}

/* What the page asks for, by the attributes of its script element. */
const script = document.currentScript;
const attributes = script.dataset;

/* An attribute that is there, and does not say "false". */
const isSet = (value) => value !== undefined && value !== "false";

export const settings = {
	server: new URL(attributes.server ?? script.src, location.href).origin,
	isInline: attributes.mode === "inline",
	target: attributes.target,
	language: attributes.lang || document.documentElement.lang || navigator.language || "en",
	direction: attributes.dir || getComputedStyle(document.documentElement).direction,
	theme: attributes.theme, /* light, dark; else as the reader has it */
	remembers: isSet(attributes.remember),
	isOpen: isSet(attributes.open),
};

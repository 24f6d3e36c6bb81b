/* Light or dark, and one colour of the page's own, --tellerd-accent, from which
 * come those that text can be read in, whatever it is. */
import { settings } from "./settings.js";
import { root } from "./view.js";

const TEXT = 4.5; /* the contrasts of WCAG 2.2, AA */
const PART = 3;
const WHITE = [255, 255, 255];
const BLACK = [12, 20, 24];

/* "rgb(1, 2, 3)", or "color(srgb 0 0.1 0.2)" where a page mixes colours. */
function channels(colour) {
	const numbers = colour.match(/-?[\d.]+/g).map(Number).slice(0, 3);
	return colour.startsWith("color(") ? numbers.map((v) => v * 255) : numbers;
}

function luminance(colour) {
	const [r, g, b] = colour.map((v) => v / 255).map(
		(v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
	const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
	return (high + 0.05) / (low + 0.05);
}

/* That colour, or as little of the other in it as makes it stand out. */
function standOut(colour, ground, other, least) {
	for (let part = 0; part < 1; part += 0.05) {
		const mixed = colour.map((v, i) => Math.round(v + (other[i] - v) * part));
		if (contrast(mixed, ground) >= least)
			return mixed;
	}
	return other;
}

function paint(isDark) {
	root.classList.toggle("dark", isDark);
	const style = getComputedStyle(root);
	const paper = channels(style.columnRuleColor);
	const raised = channels(style.outlineColor);
	const far = isDark ? WHITE : BLACK;
	const accent = standOut(channels(style.color), paper, far, PART);
	const on = contrast(accent, WHITE) >= TEXT ? WHITE : BLACK;
	const set = (name, colour) =>
		root.style.setProperty(name, `rgb(${colour.join(" ")})`);
	set("--accent", standOut(accent, on, on === WHITE ? BLACK : WHITE, TEXT));
	set("--on-accent", on);
	set("--link", standOut(accent, raised, far, TEXT));
}

export function follow(signal) {
	const dark = matchMedia("(prefers-color-scheme: dark)");
	const update = () => paint(settings.theme ? settings.theme === "dark" : dark.matches);
	dark.addEventListener("change", update, { signal });
	update();
}

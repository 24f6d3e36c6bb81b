/* On a phone, and where a page is enlarged so much that it is as narrow as one,
 * the panel is all there is: what lies below cannot be reached or scrolled. */
import { settings } from "./settings.js";
import { $, host, root } from "./view.js";

const full = matchMedia("(max-width: 30em)");

let covered = []; /* elements of the page that we have made inert */
let overflow = null;

function cover() {
	covered = [...document.body.children].filter((e) => e !== host && !e.inert);
	for (const element of covered)
		element.inert = true;
	overflow = document.documentElement.style.overflow;
	document.documentElement.style.overflow = "hidden";
}

function uncover() {
	for (const element of covered.splice(0))
		element.inert = false;
	document.documentElement.style.overflow = overflow;
	overflow = null;
}

/* A keyboard on the screen takes away from its lower end. */
function fit() {
	root.style.setProperty("--view-height", `${visualViewport.height}px`);
	root.style.setProperty("--view-top", `${visualViewport.offsetTop}px`);
}

export function updateModal() {
	if (settings.isInline)
		return;
	const isModal = full.matches && !$("panel").hidden;
	$("panel").setAttribute("aria-modal", String(isModal));
	if (isModal && overflow === null)
		cover();
	else if (!isModal && overflow !== null)
		uncover();
}

export function watchModal(signal) {
	full.addEventListener("change", updateModal, { signal });
	for (const kind of ["resize", "scroll"])
		visualViewport?.addEventListener(kind, fit, { signal });
	signal.addEventListener("abort", () => {
		if (overflow !== null)
			uncover();
	});
}

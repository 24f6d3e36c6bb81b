/* The reader follows what is said, unless he has gone back. */
import { $ } from "./view.js";

const NEAR = 80;
const GAP = 8;

let wasAtEnd = true; /* when he, or we, last scrolled */
let size = "";       /* of what he looks through, when that was noted */

/* In a low window all of the panel scrolls. */
const scroller = () =>
	getComputedStyle($("main")).overflowY === "visible" ? $("panel") : $("main");

function isAtEnd() {
	const { scrollHeight, scrollTop, clientHeight } = scroller();
	return scrollHeight - scrollTop - clientHeight < NEAR;
}

export function goToEnd() {
	scroller().scrollTop = scroller().scrollHeight;
	wasAtEnd = true;
	$("newest").hidden = true;
}

export function goTo(element) {
	const top = element.getBoundingClientRect().top;
	scroller().scrollTop += top - scroller().getBoundingClientRect().top - GAP;
	wasAtEnd = isAtEnd();
}

/* What is new and longer than the window is read from its beginning. */
export function goToStart(element) {
	if (isAtEnd() && element.offsetHeight > scroller().clientHeight)
		goTo(element);
}

/* isForced: whoever wrote it wants to see it. */
export function keepAtEnd(change, isForced) {
	const follows = isForced || isAtEnd();
	const before = scroller().scrollHeight;
	change();
	if (follows)
		goToEnd();
	else if (scroller().scrollHeight > before)
		$("newest").hidden = false;
}

const sizeNow = () => `${scroller().id} ${scroller().clientWidth} ${scroller().clientHeight}`;

/* A browser also scrolls by itself, when the size changes. */
function note() {
	if (size !== sizeNow())
		return;
	wasAtEnd = isAtEnd();
	if (wasAtEnd)
		$("newest").hidden = true;
}

/* A keyboard comes up, or the device is turned: the last words stay in sight. */
export function watchScroll(signal) {
	for (const id of ["main", "panel"])
		$(id).addEventListener("scroll", note, { passive: true });
	$("newest").addEventListener("click", () => {
		goToEnd();
		$("main").focus();
	});
	const observer = new ResizeObserver(() => {
		if (wasAtEnd && $("log").childElementCount > 0)
			goToEnd();
		size = sizeNow();
	});
	for (const id of ["main", "panel"])
		observer.observe($(id));
	signal.addEventListener("abort", () => observer.disconnect());
}

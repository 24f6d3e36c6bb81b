/* The panel opens over the page, and closes; in a page it is always open. */
import { moveFocus } from "./composer.js";
import { memory } from "./memory.js";
import { updateModal, watchModal } from "./modal.js";
import { goToEnd } from "./scroll.js";
import { settings } from "./settings.js";
import { showUnread } from "./unread.js";
import { $, root } from "./view.js";
import { loadFacts } from "./welcome.js";

let onToggle = () => {};

export const isOpen = () => !$("panel").hidden;

function showPanel(is) {
	$("panel").hidden = !is;
	$("launcher").setAttribute("aria-expanded", String(is));
	root.classList.toggle("open", is);
	memory.isOpen = is;
	updateModal();
	showUnread();
	onToggle(is);
}

/* byItself: as it was before a reload, so nobody's focus is taken away. */
export function open(byItself) {
	loadFacts();
	if (!isOpen()) {
		showPanel(true);
		goToEnd();
	}
	if (byItself !== true)
		moveFocus();
}

export function close() {
	if (settings.isInline || !isOpen())
		return;
	showPanel(false);
	$("launcher").focus();
}

export const toggle = () => isOpen() ? close() : open();

/* toggled(isOpen) is called whenever that changes. */
export function watchPanel(toggled, signal) {
	onToggle = toggled;
	if (settings.isInline) {
		loadFacts();
		return;
	}
	watchModal(signal);
	$("launcher").addEventListener("click", toggle);
	$("close").addEventListener("click", close);
	$("panel").addEventListener("keydown", (event) => {
		if (event.key !== "Escape" || event.isComposing)
			return;
		event.stopPropagation();
		close();
	});
	showUnread();
	if (memory.isOpen)
		open(true);
}

/* What the browser keeps: for this tab, or for all tabs and days where the page
 * asks for that.  What is still to be sent is always the tab's own, so that no
 * two send it.  A browser that keeps nothing makes a widget that forgets. */
import { settings } from "./settings.js";

const NAME = "tellerd";

const ofTab = () => sessionStorage;
const ofAll = () => settings.remembers ? localStorage : sessionStorage;

function read(storage, what) {
	try {
		return JSON.parse(storage().getItem(`${NAME}${what}`));
	} catch {
		return null;
	}
}

function write(storage, what, value) {
	try {
		if (value === null)
			storage().removeItem(`${NAME}${what}`);
		else
			storage().setItem(`${NAME}${what}`, JSON.stringify(value));
	} catch {
		/* As above. */
	}
}

export const memory = {
	/* {key, id, token, user, after}, or null; after: the key of the one before it,
	 * which expired. */
	get conversation() {
		const kept = read(ofAll, "");
		return typeof kept?.key === "string" ? kept : null;
	},
	set conversation(kept) {
		write(ofAll, "", kept);
	},
	get outbox() {
		const kept = read(ofTab, ".outbox");
		return Array.isArray(kept) ? kept : [];
	},
	set outbox(items) {
		write(ofTab, ".outbox", items.length > 0 ? items : null);
	},
	/* The number of the last message that was seen. */
	get seen() {
		return Number(read(ofAll, ".seen")) || 0;
	},
	set seen(number) {
		write(ofAll, ".seen", number || null);
	},
	get isOpen() {
		return read(ofTab, ".open") ?? settings.isOpen;
	},
	set isOpen(is) {
		write(ofTab, ".open", is);
	},
	/* Another tab has begun or ended a conversation, or seen a message. */
	onChange(changed, signal) {
		addEventListener("storage", ({ key, storageArea }) => {
			if (settings.remembers && storageArea === ofAll() &&
			    (key === null || key.startsWith(NAME)))
				changed();
		}, { signal });
	},
};

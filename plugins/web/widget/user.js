/* Who has signed in on the page's site: a token that the site's own server
 * signed, or a function that fetches one.  It is never kept by the browser. */

let source = null;

export function setSource(tokenOrFunction) {
	source = tokenOrFunction ?? null;
}

/* The token, fresh where a function gives it; null: nobody. */
export const userToken = async () =>
	(typeof source === "function" ? await source() : source) ?? null;

/* Whose token it is; the server checks that, we only compare. */
export function subjectOf(token) {
	try {
		const part = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
		return JSON.parse(atob(part)).sub ?? null;
	} catch {
		return null;
	}
}

/* Who has signed in on the page's site: a token that the site's own server
 * signed, or a function that fetches one.  It is never kept by the browser. */

let source;   /* what the page gave, alone in a list; undefined: nothing yet */
let signedIn; /* whose token it gives; null: nobody's; undefined: not known yet */

export function setSource(tokenOrFunction) {
	source = [tokenOrFunction];
	signedIn = undefined;
}

/* The token, fresh where a function gives it; null: nobody. */
export async function userToken() {
	const from = source;
	const given = from?.[0];
	const token = (typeof given === "function" ? await given() : given) ?? null;
	if (from && from === source)
		signedIn = token && subjectOf(token);
	return token;
}

export const userNow = () => signedIn ?? null;

/* Has somebody else signed in since, or that user signed out? */
export const isFormer = (user) =>
	user !== null && signedIn !== undefined && user !== signedIn;

/* Whose token it is; the server checks that, we only compare. */
export function subjectOf(token) {
	try {
		const part = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
		return JSON.parse(atob(part)).sub ?? null;
	} catch {
		return null;
	}
}

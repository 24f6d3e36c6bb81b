/* The widget's own words, in the language of the page where we have it. */
import { LOCALES } from "./locales.js";
import { settings } from "./settings.js";

const wanted = settings.language.toLowerCase().split("-")[0];

export const language = wanted in LOCALES ? wanted : "en";

const texts = LOCALES[language];

/* The text of that name, its {names} filled in.  Of a number n there may be
 * two: "unread" is of many, "unread_one" of one. */
export function t(name, values = {}) {
	const text = (values.n === 1 && texts[`${name}_one`]) || texts[name];
	return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/* 0.873 as "87 %" is written here. */
export const percent = (value) =>
	new Intl.NumberFormat(language, { style: "percent" }).format(value);

/* When something was said; the day, too, where that is not today. */
export function clock(date) {
	const isToday = date.toDateString() === new Date().toDateString();
	return date.toLocaleString(settings.language, {
		...!isToday && { day: "numeric", month: "short" },
		hour: "2-digit",
		minute: "2-digit",
	});
}

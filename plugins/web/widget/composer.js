/* Where the customer writes. */
import { alarm, say } from "./say.js";
import { t } from "./texts.js";
import { $ } from "./view.js";

const MAX_CHARS = 8000;
const FEW_CHARS = 500;
const NO_CHARS = 50;
const MAX_ROWS = 6;

const text = $("text");
let toldOfLength = ""; /* what was said of it last */
let isOff = false;

/* Not to the input where that brings a keyboard up over the page. */
export function moveFocus() {
	(matchMedia("(pointer: coarse)").matches ? $("main") : text).focus();
}

/* Not with every key: where the end comes near, very near, and is passed. */
function tellOfLength(left) {
	const near = left < 0 ? "over" : left <= NO_CHARS ? "very near"
		: left <= FEW_CHARS ? "near" : "";
	if (near && near !== toldOfLength)
		say($("left").textContent);
	toldOfLength = near;
}

const isSendable = () =>
	!isOff && text.value.trim() && [...text.value].length <= MAX_CHARS;

function measure() {
	const left = MAX_CHARS - [...text.value].length;
	const isLong = left < 0;
	$("left").textContent = left > FEW_CHARS ? ""
		: t(isLong ? "over" : "left", { n: Math.abs(left) });
	$("left").classList.toggle("refused", isLong);
	tellOfLength(left);
	/* It keeps the focus, and says that it does nothing now. */
	$("send").setAttribute("aria-disabled", String(!isSendable()));
	text.setAttribute("aria-invalid", String(isLong));
	text.rows = Math.min(Math.max(text.value.split("\n").length, 1), MAX_ROWS);
}

/* Nothing can be sent, and it is said why; or it can again. */
export function turnOff(is) {
	isOff = is;
	for (const part of [text, $("person"), ...$("starters").querySelectorAll("button")])
		part.disabled = is;
	measure();
}

/* Some programs put a picture of the words beside the words. */
function hasOnlyFiles(data) {
	const types = [...data?.types ?? []];
	return types.includes("Files") && !types.includes("text/plain");
}

function refuseFiles(event, data) {
	if (!hasOnlyFiles(data))
		return;
	event.preventDefault();
	if (event.type !== "dragover")
		alarm(t("no_files"));
}

function sendOnEnter(event) {
	/* 229: a key of an input method, in browsers that say so by that alone. */
	if (event.key !== "Enter" || event.shiftKey || event.isComposing ||
	    event.keyCode === 229)
		return;
	event.preventDefault();
	$("form").requestSubmit();
}

/* submit(text) is called with what was written. */
export function watchComposer(submit) {
	$("form").addEventListener("submit", (event) => {
		event.preventDefault();
		measure();
		if (!isSendable())
			return;
		submit(text.value.trim());
		text.value = "";
		measure();
		text.focus();
	});
	text.addEventListener("input", () => {
		if (!isOff)
			alarm("");
		measure();
	});
	text.addEventListener("keydown", sendOnEnter);
	$("panel").addEventListener("paste", (event) => refuseFiles(event, event.clipboardData));
	for (const kind of ["dragover", "drop"])
		$("panel").addEventListener(kind, (event) => refuseFiles(event, event.dataTransfer));
	measure();
}

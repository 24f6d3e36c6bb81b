/* What the widget is made of.  Each part has an id by which the others find it
 * within the shadow tree. */
import { icon, make } from "./node.js";
import { settings } from "./settings.js";
import { STYLE } from "./style.js";
import { language, t } from "./texts.js";

export const host = make("tellerd-widget");

const shadow = host.attachShadow({ mode: "open" });
const hidden = { hidden: true };

export const $ = (id) => shadow.getElementById(id);
export const focused = () => shadow.activeElement;

const launcher = () => make("button.launcher#launcher", {
	"aria-haspopup": "dialog",
	"aria-controls": "panel",
	"aria-expanded": "false",
}, icon("chat"), icon("down"), make("span#launcher-text", {}, t("launcher")),
make("span.badge#badge", { hidden: true, "aria-hidden": "true" }));

const head = () => make("header.head", {},
	make("span.mark", { "aria-hidden": "true" }, icon("chat")),
	make("div.name", {},
		make("h2#title", {}, t("title")),
		make("p#state", {}, t("state_bot"))),
	make("button.plain#end", { ...hidden, "aria-label": t("end"), title: t("end") }, icon("end")),
	make("button.plain#close", { hidden: settings.isInline, "aria-label": t("close"), title: t("close") },
		icon("close")));

const welcome = () => make("section#welcome", { "aria-labelledby": "greeting" },
	make("h3#greeting", {}, t("greeting")),
	make("p", {}, t("welcome")),
	make("p.advice", {}, t("advice")),
	make("h4#often", hidden, t("starters")),
	make("ul#starters", { "aria-labelledby": "often" }));

/* What is still being written is outside of the log, so that it is read out
 * once, when it is whole. */
const talk = () => make("div#main", { tabindex: "0", role: "region", "aria-label": t("conversation") },
	make("div.column", {},
		welcome(),
		make("div#log", {
			role: "log",
			"aria-live": "polite",
			"aria-relevant": "additions",
			"aria-label": t("messages"),
		}),
		make("div#partial", { hidden: true, "aria-busy": "true" }),
		make("p#typing", { hidden: true, "aria-hidden": "true" },
			make("i"), make("i"), make("i"))));

const composer = () => make("form#form.column", { novalidate: true },
	make("label.unseen", { for: "text" }, t("message")),
	make("div.field", {},
		make("textarea#text", {
			rows: "1",
			dir: "auto",
			placeholder: t("placeholder"),
			autocomplete: "off",
			enterkeyhint: "send",
			"aria-describedby": "left",
		}),
		make("button#send", { type: "submit", "aria-label": t("send"), title: t("send") }, icon("send"))),
	make("p#left"));

const foot = () => make("div.foot.column", {},
	make("button.quiet#person", {}, t("person")),
	make("a.quiet#privacy", {
		...hidden,
		target: "_blank",
		rel: "noopener noreferrer",
		"aria-label": `${t("privacy")} (${t("new_window")})`,
	}, t("privacy")));

const panel = () => make("section.panel#panel", {
	role: settings.isInline ? "region" : "dialog",
	"aria-modal": !settings.isInline && "false",
	"aria-labelledby": "title",
	hidden: !settings.isInline,
},
head(),
make("div#banner", { role: "status" }),
make("div#alert", { role: "alert" }),
talk(),
make("button.newest#newest", { ...hidden, "aria-label": t("newest"), title: t("newest") }, icon("down")),
make("p.strip#waiting", hidden, make("i", { "aria-hidden": "true" }), t("waiting_advice")),
make("footer", {}, composer(), foot()));

function style() {
	const sheet = new CSSStyleSheet();
	sheet.replaceSync(STYLE);
	shadow.adoptedStyleSheets = [sheet];
}

export const root = make("div.widget#widget", { lang: language, dir: settings.direction });

root.classList.add(settings.isInline ? "inline" : "floating");
if (!settings.isInline)
	root.append(launcher());
root.append(panel(), make("p.unseen#status", { role: "status" }));
style();
shadow.append(root);

/* Into the page: where it is asked for, or over it. */
export function mount() {
	const target = settings.isInline && settings.target &&
		document.querySelector(settings.target);
	(target || document.body).append(host);
}

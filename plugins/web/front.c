/* What the desk says before anybody asks: GET /v1/widget, for any page, without
 * a token. */
#include <string.h>

#include "web.h"

/* ---- What the pack says */

struct reading_front {
	json_t *document;
	const char *title; /* of the settings, "": the firm's name */
};

static json_t *
lines_json(const struct teller_line *lines, size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{s:s,s:s}", "title",
						      lines[i].title, "text",
						      lines[i].text));
	return list;
}

static void
set(json_t *document, const char *key, const char *text)
{
	json_object_set_new(document, key, json_string(text));
}

static void
read_front(void *arg, const struct teller_front *front)
{
	const struct reading_front *reading = arg;
	if (!*reading->title && *front->firm)
		set(reading->document, "title", front->firm);
	set(reading->document, "language", front->language);
	set(reading->document, "greeting", front->greeting);
	set(reading->document, "privacy_url", front->privacy_url);
	json_object_set_new(reading->document, "topics",
			    lines_json(front->topics, front->n_topics));
	json_object_set_new(reading->document, "contact",
			    lines_json(front->contacts, front->n_contacts));
}

static void
add_starter(void *arg, const char *question)
{
	json_array_append_new(arg, json_string(question));
}

/* Those of the settings, or else of the pack. */
static json_t *
starters_json(const struct web *web)
{
	const struct teller_services *services = web->services;
	json_t *starters = json_array();
	const char *text;
	for (size_t i = 0;
	     (text = services->option_item(web->host, "starters", i)); i++)
		add_starter(starters, text);
	if (!json_array_size(starters) && TELLER_HAS(services, starters))
		services->starters(web->host, add_starter, starters);
	return starters;
}

json_t *
web_front_json(const struct web *web)
{
	const struct teller_services *services = web->services;
	json_t *document = json_object();
	struct reading_front reading = {
		.document = document,
		.title = services->option_text(web->host, "title"),
	};
	set(document, "title", *reading.title ? reading.title : "Help");
	set(document, "greeting", "");
	set(document, "language", "en");
	set(document, "privacy_url", "");
	if (TELLER_HAS(services, front))
		services->front(web->host, read_front, &reading);
	json_object_set_new(document, "starters", starters_json(web));
	return document;
}

/* ---- GET /v1/widget */

static void
serve_widget(void *arg, struct teller_request *request)
{
	static const struct teller_header fresh = {"Cache-Control",
						   "public, max-age=60"};
	const struct web *web = arg;
	json_t *document = web_front_json(web);
	json_object_del(document, "topics");
	json_object_del(document, "contact");
	json_object_set_new(
		document, "why",
		json_boolean(web->services->option_bool(web->host, "why")));
	web_answer(web, request, 200, document, &fresh, 1);
}

int
web_serve_front(struct web *web)
{
	return web->services->serve(web->host, "GET", "/v1/widget", 0, 0,
				    serve_widget, web);
}

#include "page.h"

#include "web.h"

/* Scripts and styles are files of their own: nothing inline is let through. */
static const struct teller_header headers[] = {
	{"Content-Security-Policy",
	 "default-src 'none'; script-src 'self'; style-src 'self'; "
	 "img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
	 "form-action 'none'; frame-ancestors 'none'"},
	{"Referrer-Policy", "no-referrer"},
	{"Cache-Control", "no-cache"},
};

static void
serve_file(void *arg, struct teller_request *request)
{
	const struct web_page *page = arg;
	const struct page_file *file = page->file;
	page->web->services->answer(request, 200, file->media_type, headers,
				    sizeof(headers) / sizeof(*headers),
				    file->data, file->len);
}

static void
serve_settings(void *arg, struct teller_request *request)
{
	static const struct teller_header fresh = {"Cache-Control", "no-cache"};
	const struct web *web = arg;
	const struct teller_services *services = web->services;
	json_t *starters = json_array();
	const char *text;

	for (size_t i = 0;
	     (text = services->option_item(web->host, "starters", i)); i++)
		json_array_append_new(starters, json_string(text));
	web_answer(web, request, 200,
		   json_pack("{s:s,s:o}", "title",
			     services->option_text(web->host, "title"),
			     "starters", starters),
		   &fresh, 1);
}

int
web_serve_page(struct web *web)
{
	if (web->services->serve(web->host, "GET", "/page.json", 0, 0,
				 serve_settings, web))
		return -1;
	for (size_t i = 0; page_files[i].path; i++) {
		if (i == WEB_PAGE_FILES)
			return -1;
		web->page[i].web = web;
		web->page[i].file = &page_files[i];
		if (web->services->serve(web->host, "GET", page_files[i].path,
					 0, 0, serve_file, &web->page[i]))
			return -1;
	}
	return 0;
}

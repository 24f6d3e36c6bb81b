#include "page.h"

#include <string.h>

#include "web.h"

/* Scripts and styles are files of their own: nothing inline is let through. */
static const struct teller_header headers[] = {
	{"Content-Security-Policy",
	 "default-src 'none'; script-src 'self'; style-src 'self'; "
	 "img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
	 "form-action 'none'; frame-ancestors 'none'; "
	 "require-trusted-types-for 'script'"},
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

/* What the settings and the pack say of the page. */
static void
serve_settings(void *arg, struct teller_request *request)
{
	static const struct teller_header fresh = {"Cache-Control", "no-cache"};
	const struct web *web = arg;
	web_answer(web, request, 200, web_front_json(web), &fresh, 1);
}

/* Where a file is served: the demo's page takes the place of the chat page.
 * NULL: nowhere. */
static const char *
path_of(const struct page_file *file, bool is_demo)
{
	bool is_demos = strncmp(file->path, "/demo.", 6) == 0;
	if (is_demos && !is_demo)
		return NULL;
	if (strcmp(file->path, "/demo.html") == 0)
		return "/";
	return is_demo && strcmp(file->path, "/") == 0 ? "/chat" : file->path;
}

static int
serve_files(struct web *web, bool is_demo)
{
	for (size_t i = 0; page_files[i].path; i++) {
		const char *path = path_of(&page_files[i], is_demo);
		if (i == WEB_PAGE_FILES)
			return -1;
		web->page[i].web = web;
		web->page[i].file = &page_files[i];
		if (path && web->services->serve(web->host, "GET", path, 0, 0,
						 serve_file, &web->page[i]))
			return -1;
	}
	return 0;
}

int
web_serve_page(struct web *web, bool is_demo)
{
	if (web->services->serve(web->host, "GET", "/page.json", 0, 0,
				 serve_settings, web))
		return -1;
	return serve_files(web, is_demo);
}

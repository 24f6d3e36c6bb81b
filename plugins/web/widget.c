/* The customer's widget: one script that any page may have. */
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "page.h"
#include "web.h"

#define ALGORITHM "sha384-"
/* Of the hash, in the name under which it never changes. */
#define NAME_BYTES 8

/* -1: libcrypto cannot. */
static int
name_widget(struct web *web, const struct page_file *file)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned len;
	if (!EVP_Digest(file->data, file->len, hash, &len, EVP_sha256(), NULL))
		return -1;
	for (size_t i = 0; i < NAME_BYTES; i++)
		snprintf(web->widget_name + 2 * i, 3, "%02x", hash[i]);
	memcpy(web->widget_name + 2 * (size_t)NAME_BYTES, ".js", sizeof(".js"));
	if (!EVP_Digest(file->data, file->len, hash, &len, EVP_sha384(), NULL))
		return -1;
	memcpy(web->widget_integrity, ALGORITHM, sizeof(ALGORITHM));
	EVP_EncodeBlock((unsigned char *)web->widget_integrity +
				strlen(ALGORITHM),
			hash, (int)len);
	return 0;
}

/* Of the parameters behind a coding: a weight of 0 refuses it. */
static bool
is_refused(const char *parameters)
{
	parameters += strspn(parameters, " \t;");
	if (strncasecmp(parameters, "q=", 2) != 0)
		return false;
	parameters += 2;
	return strchr(", \t", parameters[strspn(parameters, "0.")]) != NULL;
}

/* accept: a list as in RFC 9110, section 12.5.3, or NULL. */
static bool
takes_gzip(const char *accept)
{
	while (accept && *accept) {
		accept += strspn(accept, ", \t");
		size_t len = strcspn(accept, ",; \t");
		if (len == strlen("gzip") &&
		    strncasecmp(accept, "gzip", len) == 0)
			return !is_refused(accept + len);
		accept += strcspn(accept, ",");
	}
	return false;
}

static void
answer_widget(const struct web *web, struct teller_request *request,
	      const char *caching)
{
	const struct teller_header headers[] = {
		{"Cache-Control", caching},
		{"Vary", "Accept-Encoding"},
		{"Content-Encoding", "gzip"},
	};
	const char *accept =
		web->services->http_header(request, "Accept-Encoding");
	bool is_small = takes_gzip(accept);
	const struct page_file *file = &widget_files[is_small];
	web->services->answer(request, 200, file->media_type, headers,
			      is_small ? 3 : 2, file->data, file->len);
}

static void
serve_newest(void *arg, struct teller_request *request)
{
	answer_widget(arg, request, "public, max-age=300");
}

static void
serve_named(void *arg, struct teller_request *request)
{
	const struct web *web = arg;
	const char *name = web->services->http_param(request, "name");
	if (name && strcmp(name, web->widget_name) == 0)
		answer_widget(web, request,
			      "public, max-age=31536000, immutable");
	else
		web->services->problem(request, 404, "not_found",
				       "this is another version of tellerd: "
				       "/widget.json has the widget's name",
				       0);
}

static void
serve_about(void *arg, struct teller_request *request)
{
	static const struct teller_header fresh = {"Cache-Control", "no-cache"};
	const struct web *web = arg;
	char url[sizeof("/widget/") + WEB_WIDGET_NAME_SIZE];
	snprintf(url, sizeof(url), "/widget/%s", web->widget_name);
	web_answer(web, request, 200,
		   json_pack("{s:s,s:s}", "url", url, "integrity",
			     web->widget_integrity),
		   &fresh, 1);
}

int
web_serve_widget(struct web *web)
{
	static const struct {
		const char *path;
		teller_serve_fn *serve;
	} routes[] = {
		{"/widget.js", serve_newest},
		{"/widget/{name}", serve_named},
		{"/widget.json", serve_about},
	};
	if (name_widget(web, widget_files))
		return -1;
	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++)
		if (web->services->serve(web->host, "GET", routes[i].path, 0, 0,
					 routes[i].serve, web))
			return -1;
	return 0;
}

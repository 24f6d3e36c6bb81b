/* GET /openapi.json: what all routes are, in openapi.json of this folder. */
#include "web.h"

static void
serve_document(void *arg, struct teller_request *request)
{
	static const struct teller_header fresh = {"Cache-Control", "no-cache"};
	const struct web *web = arg;
	web->services->answer(request, 200, "application/json", &fresh, 1,
			      web_openapi, web_openapi_len);
}

int
web_serve_openapi(struct web *web)
{
	return web->services->serve(web->host, "GET", "/openapi.json", 0, 0,
				    serve_document, web);
}

/* What may be fetched.  Any thread: nothing is kept. */
#include "net/http_fetch.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include <tellerd/plugin.h>

#include "base/err.h"
#include "base/mem.h"
#include "net/http_field.h"

struct url {
	char *scheme, *host;
};

static void
url_release(struct url *url)
{
	curl_free(url->scheme);
	curl_free(url->host);
}

/* The scheme and host of the URL, if it is one that we fetch. */
static int
url_init(struct url *url, const char *text, struct err *err)
{
	CURLU *parts = curl_url();
	char *user = NULL;

	*url = (struct url){0};
	if (!parts)
		mem_exhausted();
	if (curl_url_set(parts, CURLUPART_URL, text, 0) ||
	    curl_url_get(parts, CURLUPART_SCHEME, &url->scheme, 0) ||
	    curl_url_get(parts, CURLUPART_HOST, &url->host, 0))
		err_set(err, "this is no URL that can be fetched");
	else if (!curl_url_get(parts, CURLUPART_USER, &user, 0))
		err_set(err, "a URL must not hold a user or password");
	curl_free(user);
	curl_url_cleanup(parts);
	return url->host && !user ? 0 : -1;
}

static bool
is_one_of(const char *word, const char *const *words)
{
	while (*words && strcmp(word, *words) != 0)
		words++;
	return *words != NULL;
}

static int
check_scheme(const struct url *url, const struct teller_fetch *fetch,
	     bool *is_mail_r, struct err *err)
{
	static const char *const web[] = {"https", "http", NULL};
	static const char *const mail[] = {"smtps", "smtp", NULL};

	bool is_mail = is_one_of(url->scheme, mail);
	if (!is_mail && !is_one_of(url->scheme, web))
		return err_set(err,
			       "%s: is not fetched; https, http, smtps "
			       "and smtp are",
			       url->scheme);
	bool is_tls = strlen(url->scheme) == 5 || (is_mail && fetch->starttls);
	bool has_secret = fetch->user || fetch->password || fetch->bearer;
	if (has_secret && !is_tls && !fetch->allow_private)
		return err_set(err, "%s: secrets are not sent without TLS",
			       url->host);
	*is_mail_r = is_mail;
	return 0;
}

/* No control characters; they would begin a line of their own. */
static bool
is_line(const char *text)
{
	return !text || http_is_value(text, strlen(text));
}

static int
check_http(const struct teller_fetch *fetch, struct err *err)
{
	static const char *const framing[] = {"content-length",
					      "transfer-encoding", "connection",
					      "host", NULL};
	const char *method = fetch->method;

	if (method && (!http_is_token(method, strlen(method)) ||
		       strcmp(method, "CONNECT") == 0))
		return err_set(err, "this is no method to fetch with");
	for (size_t i = 0; i < fetch->n_headers; i++) {
		const struct teller_header *header = &fetch->headers[i];
		char lower[32] = "";
		if (!http_is_token(header->name, strlen(header->name)) ||
		    !is_line(header->value))
			return err_set(err,
				       "header %zu has characters that "
				       "no header has",
				       i + 1);
		for (size_t k = 0; header->name[k] && k < sizeof lower - 1; k++)
			lower[k] = (char)(header->name[k] | 0x20);
		if (is_one_of(lower, framing))
			return err_set(err,
				       "the header %s is not for the "
				       "caller to set",
				       header->name);
	}
	return 0;
}

static bool
is_mail_address(const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p <= ' ' || *p >= 0x7F || *p == '<' || *p == '>')
			return false;
	}
	return strlen(text) <= 254;
}

/* Every line ends with CR LF: what a server would end at something else could
 * pass for the end of the mail. */
static bool
has_mail_lines(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		bool is_cr = i > 0 && text[i - 1] == '\r';
		if (text[i] == '\0' || is_cr != (text[i] == '\n'))
			return false;
	}
	return len == 0 || text[len - 1] != '\r';
}

static int
check_mail(const struct teller_fetch *fetch, struct err *err)
{
	if (!fetch->mail_from || fetch->n_mail_to == 0 || !fetch->body)
		return err_set(err, "a mail needs mail_from, mail_to and a "
				    "body");
	if (!is_mail_address(fetch->mail_from))
		return err_set(err, "mail_from has a character that no "
				    "address has");
	for (size_t i = 0; i < fetch->n_mail_to; i++) {
		if (!fetch->mail_to[i][0] ||
		    !is_mail_address(fetch->mail_to[i]))
			return err_set(err,
				       "mail_to %zu has a character that "
				       "no address has",
				       i + 1);
	}
	if (!has_mail_lines(fetch->body, fetch->body_len))
		return err_set(err, "the mail has a NUL, or a line that does "
				    "not end with CR LF");
	return 0;
}

int
http_fetch_check(const struct teller_fetch *fetch, char **place_r,
		 bool *is_mail_r, struct err *err)
{
	struct url url;
	bool is_mail = false;

	if (!is_line(fetch->url) || !is_line(fetch->user) ||
	    !is_line(fetch->password) || !is_line(fetch->bearer))
		return err_set(err, "the URL, user, password or bearer has a "
				    "control character");
	if (url_init(&url, fetch->url, err) < 0 ||
	    check_scheme(&url, fetch, &is_mail, err) < 0 ||
	    (is_mail ? check_mail(fetch, err) : check_http(fetch, err)) < 0) {
		url_release(&url);
		return -1;
	}
	if (asprintf(place_r, "%s://%s", url.scheme, url.host) < 0)
		mem_exhausted();
	*is_mail_r = is_mail;
	url_release(&url);
	return 0;
}

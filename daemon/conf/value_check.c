#include "conf/value_check.h"

#include <stdbool.h>
#include <string.h>

#include <tellerd/plugin.h>

#include "base/err.h"

#define DIGEST_DIGITS 64 /* of a SHA-256 */
#define SMALL "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

/* The words never quote the entry: people put the key itself there. */
static int
check_digests(const char *const *items, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strspn(items[i], "0123456789abcdefABCDEF");
		if (len != DIGEST_DIGITS || items[i][len])
			return err_set(err,
				       "must hold SHA-256 digests, %d hex "
				       "digits each, which entry %zu is not: "
				       "`printf %%s KEY | sha256sum` prints "
				       "that of KEY",
				       DIGEST_DIGITS, i + 1);
	}
	return 0;
}

/* A port that browsers write: without zeros before it, and not the one that the
 * scheme has anyway. */
static bool
is_port(const char *text, const char *scheme, size_t scheme_len)
{
	size_t len = strspn(text, DIGITS);

	if (len < 1 || len > 5 || text[len] || text[0] == '0')
		return false;
	if (len == 5 && strcmp(text, "65535") > 0)
		return false;
	return !(scheme_len == 4 && strncmp(scheme, "http", 4) == 0 &&
		 strcmp(text, "80") == 0) &&
	       !(scheme_len == 5 && strncmp(scheme, "https", 5) == 0 &&
		 strcmp(text, "443") == 0);
}

/* scheme "://" host [":" port], as RFC 6454, section 6.2, has it. */
static bool
is_origin(const char *text)
{
	size_t scheme_len = strspn(text, SMALL DIGITS "+.-");
	const char *host = text + scheme_len + 3;

	if (scheme_len < 1 || !strchr(SMALL, text[0]) ||
	    strncmp(text + scheme_len, "://", 3) != 0)
		return false;
	size_t len = host[0] == '[' ? strspn(host + 1, DIGITS "abcdef:.") + 1
				    : strspn(host, SMALL DIGITS "-._");
	if (host[0] == '[' && host[len++] != ']')
		return false;
	if (len < 1 || host[0] == '.')
		return false;
	return !host[len] ||
	       (host[len] == ':' && is_port(host + len + 1, text, scheme_len));
}

static int
check_origins(const char *const *items, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (!is_origin(items[i]))
			return err_set(err,
				       "must hold origins as browsers send "
				       "them, such as https://www.example.com "
				       "or http://localhost:3000: small "
				       "letters, no path, no '/' at the end; "
				       "'%.100s' is none",
				       items[i]);
	return 0;
}

int
value_check_items(const struct teller_option *option, const char *const *items,
		  size_t n, struct err *err)
{
	if (option->type == TELLER_DIGESTS)
		return check_digests(items, n, err);
	if (option->type == TELLER_ORIGINS)
		return check_origins(items, n, err);
	return 0;
}

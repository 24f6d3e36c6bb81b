/* Paths, queries and hosts of requests.  Any thread: nothing is kept. */
#include "net/http_target.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "net/http_field.h"
#include "net/http_parse.h"

#define PATH_MARKS "-._~!$&'()*+,;=:@/"
/* Browsers leave the last few as they are in a query. */
#define QUERY_MARKS PATH_MARKS "?[]{}|\\^`"

static int
refuse(struct http_fault *fault, const char *detail)
{
	*fault = (struct http_fault){400, "bad_target", detail};
	return -1;
}

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

/* The byte that "%XX" at text stands for, or -1. */
static int
read_escape(const char *text)
{
	int high = http_hex_value(text[1]);
	int low = high < 0 ? -1 : http_hex_value(text[2]);

	return low < 0 ? -1 : high << 4 | low;
}

/* Decode in place; marks: what may stand unescaped besides letters and
 * digits.  The new length, or -1. */
static long
decode(char *text, const char *marks, bool is_query, struct http_fault *fault)
{
	char *out = text;

	for (const char *in = text; *in; in++) {
		if (*in == '%') {
			int byte = read_escape(in);
			if (byte < 0)
				return refuse(fault, "An escape in the target "
						     "is not % and two hex "
						     "digits.");
			if (byte == 0 || (byte == '/' && !is_query))
				return refuse(fault, "The target has an "
						     "escaped NUL or slash.");
			*out++ = (char)byte;
			in += 2;
		} else if (is_alnum(*in) || strchr(marks, *in)) {
			*out++ = is_query && *in == '+' ? ' ' : *in;
		} else {
			return refuse(fault, "The target has a character that "
					     "must be escaped.");
		}
	}
	*out = '\0';
	if (!utf8_is_valid(text, (size_t)(out - text)))
		return refuse(fault, "The target is not UTF-8.");
	return out - text;
}

static bool
has_control(const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint32_t c;
		i += utf8_decode(text + i, len - i, &c);
		if (utf8_is_control(c))
			return true;
	}
	return false;
}

static bool
has_dot_segment(const char *path)
{
	for (const char *p = path; (p = strchr(p, '/'));) {
		size_t len = strcspn(++p, "/");
		if ((len == 1 && p[0] == '.') ||
		    (len == 2 && p[0] == '.' && p[1] == '.'))
			return true;
	}
	return false;
}

int
http_path_decode(char *path, struct http_fault *fault)
{
	if (path[0] != '/')
		return refuse(fault, "The target is not a path.");
	long len = decode(path, PATH_MARKS, false, fault);
	if (len < 0)
		return -1;
	if (has_control(path, (size_t)len))
		return refuse(fault, "The path has a control character.");
	if (has_dot_segment(path))
		return refuse(fault, "The path has a segment . or ..");
	return 0;
}

int
http_query_decode(char *query, struct http_field *pairs, size_t max,
		  size_t *n_r, struct http_fault *fault)
{
	size_t n = 0;

	while (query) {
		char *pair = strsep(&query, "&");
		if (!*pair)
			continue;
		if (n == max)
			return refuse(fault, "The query has too many "
					     "parameters.");
		char *value = pair;
		strsep(&value, "=");
		if (decode(pair, QUERY_MARKS, true, fault) < 0)
			return -1;
		if (value && decode(value, QUERY_MARKS, true, fault) < 0)
			return -1;
		pairs[n++] = (struct http_field){pair, value ? value : ""};
	}
	*n_r = n;
	return 0;
}

size_t
http_host_name_len(const char *host)
{
	if (host[0] != '[')
		return strcspn(host, ":");
	size_t len = strcspn(host, "]");
	return host[len] ? len + 1 : len;
}

static bool
is_port(const char *text)
{
	size_t len = strspn(text, "0123456789");

	return len >= 1 && len <= 5 && !text[len] &&
	       strtol(text, NULL, 10) <= 65535;
}

bool
http_host_is_valid(const char *host)
{
	size_t len = http_host_name_len(host);

	if (len == 0 || len > 255 || (host[len] && host[len] != ':'))
		return false;
	if (host[len] && !is_port(host + len + 1))
		return false;
	bool is_v6 = host[0] == '[';
	if (is_v6 && (len < 4 || host[len - 1] != ']'))
		return false;
	for (size_t i = is_v6; i < len - is_v6; i++) {
		if (is_v6 ? http_hex_value(host[i]) < 0 &&
				    !strchr(":.", host[i])
			  : !is_alnum(host[i]) && !strchr("-._", host[i]))
			return false;
	}
	return true;
}

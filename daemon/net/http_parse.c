/* Heads of requests.  Any thread: nothing is kept. */
#include "net/http_parse.h"

#include <string.h>
#include <strings.h>

#include "net/http_field.h"
#include "net/http_target.h"

static int
refuse(struct http_fault *fault, int status, const char *code,
       const char *detail)
{
	*fault = (struct http_fault){status, code, detail};
	return -1;
}

/* Where the scanner stands.  One empty line before the request is skipped, as
 * RFC 9112, section 2.2 asks. */
enum { AT_START, START_CR, AT_REQUEST, IN_LINE, LINE_CR, AT_LINE, END_CR };

/* The state after c, or -1. */
static int
scan_byte(struct http_scanner *scanner, char c)
{
	switch (scanner->state) {
	case START_CR:
		return c == '\n' ? AT_REQUEST : -1;
	case LINE_CR:
		scanner->has_line = true;
		return c == '\n' ? AT_LINE : -1;
	case AT_START:
		if (c == '\r')
			return START_CR;
		break;
	case AT_LINE:
		if (c == '\r')
			return END_CR;
		if (c == ' ' || c == '\t')
			return -1;
		break;
	case IN_LINE:
		if (c == '\r')
			return LINE_CR;
		break;
	}
	return http_is_value(&c, 1) ? IN_LINE : -1;
}

enum http_scan
http_scan(struct http_scanner *scanner, const char *data, size_t len,
	  size_t *used_r)
{
	for (size_t i = 0; i < len; i++) {
		if (scanner->state == END_CR) {
			*used_r = i + 1;
			return data[i] == '\n' ? HTTP_SCAN_DONE : HTTP_SCAN_BAD;
		}
		int state = scan_byte(scanner, data[i]);
		if (state < 0)
			return HTTP_SCAN_BAD;
		scanner->state = (unsigned char)state;
	}
	*used_r = len;
	return HTTP_SCAN_MORE;
}

/* Cut the line at *text off: a string, *text moves behind it.  NULL when
 * there is none. */
static char *
take_line(char **text, const char *end)
{
	char *line = *text;
	char *cr = memchr(line, '\r', (size_t)(end - line));

	if (!cr || cr + 1 >= end)
		return NULL;
	*cr = '\0';
	*text = cr + 2;
	return line;
}

static int
parse_version(struct http_head *head, const char *text,
	      struct http_fault *fault)
{
	size_t digits = strspn(text, "0123456789.");

	if (strncmp(text, "HTTP/", 5) == 0) {
		text += 5;
		digits = strspn(text, "0123456789.");
		if (strcmp(text, "1.1") == 0 || strcmp(text, "1.0") == 0) {
			head->minor = text[2] - '0';
			return 0;
		}
		if (digits > 0 && !text[digits])
			return refuse(fault, 505, "version_not_supported",
				      "Only HTTP/1.1 and HTTP/1.0 are spoken "
				      "here.");
	}
	return refuse(fault, 400, "bad_request_line",
		      "The request line does not end with HTTP/1.1.");
}

static bool
is_known_method(const char *method)
{
	static const char *const known[] = {"GET",   "HEAD",   "POST",	 "PUT",
					    "PATCH", "DELETE", "OPTIONS"};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (strcmp(method, known[i]) == 0)
			return true;
	}
	return false;
}

/* Split "METHOD target HTTP/1.x"; the target is left as it is. */
static int
parse_request_line(struct http_head *head, char *line, char **target_r,
		   struct http_fault *fault)
{
	char *target = strchr(line, ' ');
	char *version = target ? strchr(target + 1, ' ') : NULL;

	if (!version || target + 1 == version)
		return refuse(fault, 400, "bad_request_line",
			      "The request line is not a method, a target and "
			      "a version.");
	*target++ = '\0';
	*version++ = '\0';
	if (!http_is_token(line, strlen(line)))
		return refuse(fault, 400, "bad_request_line",
			      "The method has a character that no method has.");
	if (parse_version(head, version, fault) < 0)
		return -1;
	if (!is_known_method(line))
		return refuse(fault, 501, "method_not_implemented",
			      "This method is not known here.");
	head->method = line;
	*target_r = target;
	return 0;
}

static char *
trim(char *text)
{
	text += strspn(text, " \t");
	size_t len = strlen(text);
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	text[len] = '\0';
	return text;
}

static int
parse_field(struct http_head *head, char *line, struct http_fault *fault)
{
	char *colon = strchr(line, ':');

	if (!colon)
		return refuse(fault, 400, "bad_header",
			      "A header line has no colon.");
	if (!http_is_token(line, (size_t)(colon - line)))
		return refuse(fault, 400, "bad_header",
			      "A header name has a character that no name "
			      "has.");
	if (head->n_fields == HTTP_MAX_FIELDS)
		return refuse(fault, 431, "too_many_headers",
			      "The request has too many header lines.");
	*colon = '\0';
	char *value = trim(colon + 1);
	head->fields[head->n_fields++] = (struct http_field){line, value};
	return 0;
}

const char *
http_head_next(const struct http_head *head, const char *name, size_t *i_r)
{
	for (size_t i = *i_r; i < head->n_fields; i++) {
		if (strcasecmp(head->fields[i].name, name) == 0) {
			*i_r = i + 1;
			return head->fields[i].value;
		}
	}
	return NULL;
}

static int
parse_length(struct http_head *head, const char *value,
	     struct http_fault *fault)
{
	int64_t length = 0;

	if (!*value || value[strspn(value, "0123456789")])
		return refuse(fault, 400, "bad_length",
			      "Content-Length is not a number.");
	for (; *value; value++) {
		if (length > (INT64_MAX - 9) / 10)
			return refuse(fault, 413, "body_too_large",
				      "The body is too large.");
		length = length * 10 + (*value - '0');
	}
	head->content_length = length;
	return 0;
}

/* The only value of the field of that name, which a request must not have
 * twice, to *value_r; NULL: it has none. */
static int
take_single(const struct http_head *head, const char *name,
	    const char **value_r, struct http_fault *fault)
{
	size_t i = 0;

	*value_r = http_head_next(head, name, &i);
	if (*value_r && http_head_next(head, name, &i))
		return refuse(fault, 400, "repeated_header",
			      "Host, Content-Length or Transfer-Encoding is "
			      "there twice.");
	return 0;
}

/* Where the body ends: RFC 9112, section 6.3, without its repairs. */
static int
parse_framing(struct http_head *head, struct http_fault *fault)
{
	const char *length, *coding;

	if (take_single(head, "Content-Length", &length, fault) < 0 ||
	    take_single(head, "Transfer-Encoding", &coding, fault) < 0)
		return -1;
	if (length && parse_length(head, length, fault) < 0)
		return -1;
	if (!coding)
		return 0;
	if (length)
		return refuse(fault, 400, "ambiguous_length",
			      "The request has both Content-Length and "
			      "Transfer-Encoding.");
	if (head->minor == 0)
		return refuse(fault, 400, "bad_transfer_encoding",
			      "HTTP/1.0 has no Transfer-Encoding.");
	if (strcasecmp(coding, "chunked") != 0)
		return refuse(fault, 501, "bad_transfer_encoding",
			      "The only Transfer-Encoding known here is "
			      "chunked.");
	head->is_chunked = true;
	return 0;
}

static int
parse_connection(struct http_head *head, struct http_fault *fault)
{
	bool has_close = false, has_keep_alive = false;
	const char *value;

	for (size_t i = 0; (value = http_head_next(head, "Connection", &i));) {
		has_close |= http_list_has(value, "close");
		has_keep_alive |= http_list_has(value, "keep-alive");
	}
	head->is_keep_alive = !has_close && (head->minor || has_keep_alive);
	for (size_t i = 0; (value = http_head_next(head, "Expect", &i));) {
		if (strcasecmp(value, "100-continue") != 0)
			return refuse(fault, 417, "expectation_failed",
				      "The only expectation known here is "
				      "100-continue.");
		head->expects_continue = head->minor == 1;
	}
	return 0;
}

static int
parse_host(struct http_head *head, struct http_fault *fault)
{
	if (take_single(head, "Host", &head->host, fault) < 0)
		return -1;
	if (!head->host && head->minor == 0)
		return 0;
	if (!head->host || !http_host_is_valid(head->host))
		return refuse(fault, 400, "bad_host",
			      "The request has no valid Host.");
	return 0;
}

/* The path of an absolute-form target, whose authority must be the Host:
 * whoever looks at one of them has then looked at both. */
static char *
strip_authority(const struct http_head *head, char *target)
{
	size_t scheme = strncasecmp(target, "http://", 7) == 0	  ? 7
			: strncasecmp(target, "https://", 8) == 0 ? 8
								  : 0;
	size_t len = strcspn(target + scheme, "/?");

	if (!scheme || !head->host || strlen(head->host) != len ||
	    strncasecmp(target + scheme, head->host, len) != 0)
		return NULL;
	target += scheme + len;
	if (*target == '/')
		return target;
	/* "http://host?query": there is room for the slash that is meant. */
	*--target = '/';
	return target;
}

static int
parse_target(struct http_head *head, char *target, struct http_fault *fault)
{
	/* OPTIONS * asks about the server; there is no such path. */
	if (strcmp(target, "*") == 0 && strcmp(head->method, "OPTIONS") == 0) {
		head->path = target;
		return 0;
	}
	if (*target != '/')
		target = strip_authority(head, target);
	if (!target)
		return refuse(fault, 400, "bad_target",
			      "The target is neither a path nor a URL of this "
			      "host.");
	char *query = strchr(target, '?');
	if (query)
		*query++ = '\0';
	head->path = target;
	if (http_path_decode(target, fault) < 0)
		return -1;
	return http_query_decode(query, head->query, HTTP_MAX_QUERY,
				 &head->n_query, fault);
}

int
http_head_parse(struct http_head *head, char *text, size_t len,
		struct http_fault *fault)
{
	const char *end = text + len;
	char *line, *target;

	head->host = NULL;
	head->content_length = -1;
	head->is_chunked = head->expects_continue = false;
	head->n_fields = head->n_query = 0;
	if (len >= 2 && text[0] == '\r')
		text += 2;
	line = take_line(&text, end);
	if (!line)
		return refuse(fault, 400, "bad_request_line",
			      "There is no request line.");
	if (parse_request_line(head, line, &target, fault) < 0)
		return -1;
	while ((line = take_line(&text, end)) && *line) {
		if (parse_field(head, line, fault) < 0)
			return -1;
	}
	if (parse_framing(head, fault) < 0 ||
	    parse_connection(head, fault) < 0 || parse_host(head, fault) < 0)
		return -1;
	return parse_target(head, target, fault);
}

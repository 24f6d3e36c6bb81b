#include "net/forwarded.h"

#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "net/address.h"

/* A chain of more proxies has none of ours at its left end. */
#define MAX_HOPS 32

struct part {
	const char *at;
	size_t len;
};

const char *
forwarded_name(enum forwarded_field field)
{
	return field == FORWARDED_X_FOR ? "X-Forwarded-For" : "Forwarded";
}

static void
trim(struct part *part)
{
	while (part->len > 0 && strchr(" \t", *part->at)) {
		part->at++;
		part->len--;
	}
	while (part->len > 0 && strchr(" \t", part->at[part->len - 1]))
		part->len--;
}

/* Is the character at i of the text behind an odd number of backslashes? */
static bool
is_escaped(const char *text, size_t i)
{
	size_t n = 0;

	while (n < i && text[i - 1 - n] == '\\')
		n++;
	return n % 2 == 1;
}

/* Cut off what stands behind the last comma, outside of quotes if they count;
 * false: nothing is left.  What is read from its right end is the proxies' own:
 * a quote that the client never closed does not reach it. */
static bool
take_last(struct part *list, bool has_quotes, struct part *last_r)
{
	bool is_quoted = false;
	size_t i = list->len;

	if (!list->at)
		return false;
	for (; i > 0 && (is_quoted || list->at[i - 1] != ','); i--) {
		if (has_quotes && list->at[i - 1] == '"' &&
		    !is_escaped(list->at, i - 1))
			is_quoted = !is_quoted;
	}
	*last_r = (struct part){list->at + i, list->len - i};
	trim(last_r);
	*list = i > 0 ? (struct part){list->at, i - 1} : (struct part){NULL, 0};
	return true;
}

/* The next pair of an element, up to a semicolon outside of quotes; *text moves
 * behind it, and is NULL behind the last. */
static struct part
next_pair(const char **text, const char *end)
{
	const char *at = *text, *p = at;
	bool is_quoted = false;

	for (; p < end && (is_quoted || *p != ';'); p++) {
		if (is_quoted && *p == '\\' && p + 1 < end)
			p++;
		else if (*p == '"')
			is_quoted = !is_quoted;
	}
	*text = p < end ? p + 1 : NULL;
	struct part pair = {at, (size_t)(p - at)};
	trim(&pair);
	return pair;
}

/* The value of "for" in one element of Forwarded, its quotes taken off. */
static struct part
find_for(struct part element)
{
	const char *text = element.at, *end = element.at + element.len;

	while (text) {
		struct part pair = next_pair(&text, end);
		if (pair.len < 4 || strncasecmp(pair.at, "for=", 4) != 0)
			continue;
		struct part value = {pair.at + 4, pair.len - 4};
		if (value.len >= 2 && value.at[0] == '"' &&
		    value.at[value.len - 1] == '"')
			value = (struct part){value.at + 1, value.len - 2};
		return value;
	}
	return (struct part){element.at, 0};
}

/* "192.0.2.1", "192.0.2.1:5000", "2001:db8::1", "[2001:db8::1]:5000". */
static bool
read_hop(struct part hop, struct sockaddr_storage *address)
{
	const char *close = memchr(hop.at, ']', hop.len);
	const char *colon = memchr(hop.at, ':', hop.len);

	if (hop.len > 0 && hop.at[0] == '[')
		return close &&
		       address_parse(hop.at + 1, (size_t)(close - hop.at) - 1,
				     address);
	if (colon &&
	    !memchr(colon + 1, ':', hop.len - (size_t)(colon + 1 - hop.at)))
		hop.len = (size_t)(colon - hop.at);
	return address_parse(hop.at, hop.len, address);
}

bool
forwarded_client(enum forwarded_field field, const char *value,
		 const struct address_net *proxies, size_t n_proxies,
		 struct sockaddr_storage *client_r)
{
	struct part list = {value, strlen(value)}, item;
	bool is_rfc7239 = field == FORWARDED_RFC7239, is_found = false;
	struct sockaddr_storage hop;

	for (int n = 0; n < MAX_HOPS && take_last(&list, is_rfc7239, &item);
	     n++) {
		if (!read_hop(is_rfc7239 ? find_for(item) : item, &hop))
			break;
		*client_r = hop;
		is_found = true;
		if (!address_is_in((struct sockaddr *)&hop, proxies, n_proxies))
			break;
	}
	return is_found;
}

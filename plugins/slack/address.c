#include "address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No blanks and no control characters, which would begin a line of their own
 * in the request; nor a fragment, which no server is told. */
static bool
is_plain(const char *url)
{
	for (; *url; url++)
		if (*url <= ' ' || *url > '~' || *url == '#')
			return false;
	return true;
}

/* ":443", or nothing; 0: it is none. */
static int
read_port(const char *text, size_t len, int usual)
{
	if (len == 0)
		return usual;
	if (len < 2 || len > 6 || strspn(text + 1, "0123456789") < len - 1)
		return 0;
	long port = strtol(text + 1, NULL, 10);
	return port <= 65535 ? (int)port : 0;
}

bool
address_read(struct address *address, const char *url)
{
	bool is_tls = strncmp(url, "wss://", 6) == 0;
	if ((!is_tls && strncmp(url, "ws://", 5) != 0) || !is_plain(url))
		return false;
	const char *host = strstr(url, "://") + 3;
	size_t host_len = strcspn(host, ":/?"), len = strcspn(host, "/?");
	int port =
		read_port(host + host_len, len - host_len, is_tls ? 443 : 80);
	if (host_len == 0 || host_len > ADDRESS_HOST_MAX || port == 0 ||
	    memchr(host, '@', len) || strlen(host + len) > ADDRESS_PATH_MAX)
		return false;
	*address = (struct address){.is_tls = is_tls, .port = port};
	memcpy(address->host, host, host_len);
	memcpy(address->authority, host, len);
	snprintf(address->path, sizeof(address->path), "%s%s",
		 host[len] == '/' ? "" : "/", host + len);
	return true;
}

/* Where a WebSocket server is (RFC 6455, section 3). */
#ifndef SLACK_ADDRESS_H
#define SLACK_ADDRESS_H

#include <stdbool.h>

#define ADDRESS_HOST_MAX 255
#define ADDRESS_PATH_MAX 2000

struct address {
	bool is_tls;
	int port;
	char host[ADDRESS_HOST_MAX + 1];
	char authority[ADDRESS_HOST_MAX + 8]; /* and a port that was named */
	char path[ADDRESS_PATH_MAX + 2];      /* with its query */
};

/* "wss://host:port/path?query", "ws://..."; false: it is none. */
bool address_read(struct address *, const char *url);

#endif

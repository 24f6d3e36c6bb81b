#include "testlines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE_SIZE (256 * 1024)

struct peer {
	struct peer *next;
	struct testlines *lines;
	struct teller_watch *watch;
	int fd;
	size_t len;
	char line[LINE_SIZE];
};

struct testlines {
	const struct teller_services *services;
	struct teller_host *host;
	struct teller_watch *watch;
	int fd;
	struct peer *peers;
	testlines_fn *fn;
	void *arg;
};

static void
peer_free(struct peer *peer)
{
	struct peer **link = &peer->lines->peers;

	while (*link != peer)
		link = &(*link)->next;
	*link = peer->next;
	peer->lines->services->unwatch(peer->lines->host, peer->watch);
	close(peer->fd);
	free(peer);
}

static void
take_lines(struct peer *peer)
{
	struct testlines *lines = peer->lines;
	char *end, *at = peer->line;

	while ((end = memchr(at, '\n',
			     peer->len - (size_t)(at - peer->line)))) {
		*end = '\0';
		lines->fn(lines->arg, at);
		at = end + 1;
	}
	peer->len -= (size_t)(at - peer->line);
	memmove(peer->line, at, peer->len);
}

static void
read_peer(void *arg, int events)
{
	struct peer *peer = arg;
	ssize_t n = recv(peer->fd, peer->line + peer->len,
			 LINE_SIZE - peer->len, MSG_DONTWAIT);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		peer_free(peer);
		return;
	}
	peer->len += (size_t)n;
	take_lines(peer);
}

static void
accept_peer(void *arg, int events)
{
	struct testlines *lines = arg;
	int fd = accept4(lines->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0)
		return;
	struct peer *peer = calloc(1, sizeof *peer);
	if (!peer)
		abort();
	peer->lines = lines;
	peer->fd = fd;
	peer->next = lines->peers;
	lines->peers = peer;
	peer->watch = lines->services->watch_fd(lines->host, fd, TELLER_READ,
						read_peer, peer);
}

void
testlines_write(struct testlines *lines, const char *line)
{
	size_t len = strlen(line);
	struct peer *next;

	for (struct peer *peer = lines->peers; peer; peer = next) {
		next = peer->next;
		if (send(peer->fd, line, len, MSG_NOSIGNAL | MSG_MORE) !=
			    (ssize_t)len ||
		    send(peer->fd, "\n", 1, MSG_NOSIGNAL) != 1)
			shutdown(peer->fd, SHUT_RDWR);
	}
}

static int
listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || strlen(path) >= sizeof address.sun_path)
		goto fail;
	memcpy(address.sun_path, path, strlen(path));
	unlink(path);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
	    listen(fd, 16) < 0)
		goto fail;
	return fd;
fail:
	if (fd >= 0)
		close(fd);
	return -1;
}

struct testlines *
testlines_new(const struct teller_services *services, struct teller_host *host,
	      const char *path, testlines_fn *fn, void *arg,
	      struct teller_words *words)
{
	struct testlines *lines = calloc(1, sizeof *lines);

	if (!lines)
		abort();
	lines->services = services;
	lines->host = host;
	lines->fn = fn;
	lines->arg = arg;
	lines->fd = listen_at(path);
	if (lines->fd < 0) {
		snprintf(words->text, sizeof words->text,
			 "cannot listen at %s: %s", path, strerror(errno));
		free(lines);
		return NULL;
	}
	lines->watch = services->watch_fd(host, lines->fd, TELLER_READ,
					  accept_peer, lines);
	return lines;
}

void
testlines_free(struct testlines *lines)
{
	if (!lines)
		return;
	while (lines->peers)
		peer_free(lines->peers);
	lines->services->unwatch(lines->host, lines->watch);
	close(lines->fd);
	free(lines);
}

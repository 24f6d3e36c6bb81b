/* A request to a daemon on this machine, over its unix socket.  Blocks: for
 * command line programs, not for the loop. */
#ifndef NET_UNIX_POST_H
#define NET_UNIX_POST_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

struct unix_post {
	const char *socket;   /* path */
	const char *path;     /* "/v1/run" */
	const void *parts[2]; /* the body, in two pieces */
	size_t lens[2];
	/* Called with the body of an answer that is octets, as it comes; 0, or
	 * -1 to give up.  Other bodies go to the buffer. */
	int (*sink)(void *arg, const void *data, size_t len);
	void *arg;
	struct buf *body;   /* of any other answer */
	struct buf *result; /* the field Tellerd-Result, if there was one */
	int status;	    /* set: of the answer */
	bool is_refused;    /* set: nobody listens there, as far as we see */
	bool is_denied;	    /* set: refused, and we have no right to look */
};

/* 0, or -1 and *err: there was no answer, or not the whole of it, or the sink
 * gave up. */
int unix_post(struct unix_post *, struct err *);

#endif

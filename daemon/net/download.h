/* A large file from elsewhere, which is there whole or not at all. */
#ifndef NET_DOWNLOAD_H
#define NET_DOWNLOAD_H

#include <stdbool.h>
#include <stdint.h>

struct err;

struct download {
	const char *url;    /* http or https; redirects are followed */
	const char *path;   /* where to; PATH.part until it is whole */
	int64_t size;	    /* in bytes, known beforehand, */
	const char *sha256; /* as this is: 64 lower-case hex digits */
	/* Told how many bytes are there, often; may be NULL. */
	void (*on_bytes)(void *arg, int64_t bytes);
	void *arg;
	/* What comes back: */
	bool was_there; /* the file was there already, and is the same */
};

/* Fetch a file in this thread, for as long as it takes.  What a former call or
 * a broken connection left in PATH.part is gone on with, if the server can;
 * nothing has the name PATH but what has this size and SHA-256, and what
 * turns out to be another file is removed.  A server that sends nothing for a
 * minute is given up.  A proxy is taken from the environment, as programs do
 * that somebody calls.  0, or -1 and *err. */
int download_file(struct download *, struct err *);

#endif

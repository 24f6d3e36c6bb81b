/* Sockets that a service manager passes on when it starts us
 * (sd_listen_fds(3)), spoken directly. */
#ifndef NET_LISTEN_FDS_H
#define NET_LISTEN_FDS_H

#include <stddef.h>

struct err;

#define LISTEN_FDS_MAX 32

struct listen_fds {
	int first;			/* of n descriptors in a row */
	size_t n;			/* 0: there are none for this process */
	char names[LISTEN_FDS_MAX][64]; /* "": it has none */
};

/* Those of LISTEN_FDS, if LISTEN_PID is this process, with the names of
 * LISTEN_FDNAMES.  They are closed on exec from now on.  0, or -1 and *err: a
 * variable is malformed, or there is no such descriptor. */
int listen_fds_read(struct listen_fds *, struct err *);

#endif

/* Asking a daemon again and again, over a new start of it. */
#ifndef CLI_PATIENCE_H
#define CLI_PATIENCE_H

#include <stdbool.h>

struct client;
struct client_call;
struct err;
struct typing;

#define PATIENCE_MS 500 /* between one look and the next */
#define PATIENCE_ID_BYTES 16
#define PATIENCE_ID_SIZE (2 * PATIENCE_ID_BYTES + 1)

struct patience {
	struct client *client;
	struct typing *typing; /* taken away before something is told */
	bool has_begun;	       /* it has answered once */
	bool is_away;	       /* it does not now, and that was told */
};

/* Run it; 1: the daemon is away, and it is to be tried again.  0, or -1 and
 * *err.  Who was answered by a daemon once is answered by no one else. */
int patience_call(struct patience *, struct client_call *, struct err *);
/* The same until it is answered.  0, or -1 and *err. */
int patience_insist(struct patience *, struct client_call *, struct err *);
/* An id for what is asked in this way, which makes it harmless that it is tried
 * again when the daemon was killed before it answered. */
void patience_make_id(char out[PATIENCE_ID_SIZE]);

#endif

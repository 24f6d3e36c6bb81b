/* The keys of programs that use the HTTP interface: which are good, and for
 * what. They are asked on the loop, so all of them are in memory; what changes
 * them has them read again. */
#ifndef DIALOG_KEYS_H
#define DIALOG_KEYS_H

#include <stdbool.h>

struct err;
struct store;

struct keys;
struct keys *keys_new(struct store *);
void keys_free(struct keys *);
/* Read them from the store; also when one was added or revoked.  Any thread but
 * the loop's while it runs.  0, or -1 and *err: they are as they were. */
int keys_read(struct keys *, struct err *);
/* Is the key good for that scope?  Then name_r, of KEYS_NAME_SIZE, gets its
 * name, and the store soon that it was used.  Any thread. */
#define KEYS_NAME_SIZE 65
bool keys_check(struct keys *, const char *key, const char *scope,
		char name_r[KEYS_NAME_SIZE]);

/* "ask", "metrics"; NULL behind the last. */
const char *keys_scope(unsigned int i);

#endif

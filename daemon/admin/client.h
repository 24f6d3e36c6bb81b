/* tellerctl's way to a command: ask the daemon, or, when there is none, run it
 * here under the lock. */
#ifndef ADMIN_CLIENT_H
#define ADMIN_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct admin_command;
struct err;

struct client {
	const char *config, *state; /* as on the command line; NULL: default */
	char *actor;		    /* who runs a command here */
	char *state_dir;	    /* found by client_find_state(), or NULL */
	struct desk *desk;	    /* opened when no daemon has the store */
	bool is_daemons;   /* the daemon has the store: do not open it here */
	bool needs_daemon; /* set when there is none, and one is needed */
	bool has_failed;   /* what was looked at is not good */
};

void client_init(struct client *, const char *config, const char *state);
/* Find what every command but those with ADMIN_NO_DESK needs.  0, or -1 and
 * *err: the settings cannot be read. */
int client_find_state(struct client *, struct err *);
void client_release(struct client *);

struct client_call {
	const struct admin_command *command;
	json_t *arguments;
	const void *input;
	size_t input_len;
	/* Where the bytes of a command with output go. */
	int (*sink)(void *arg, const void *data, size_t len);
	void *arg;
	json_t *result;	  /* set; the caller decrefs */
	bool is_answered; /* set: by the daemon, and it can do no other */
};

/* 0, or -1 and *err. */
int client_run(struct client *, struct client_call *, struct err *);

#endif

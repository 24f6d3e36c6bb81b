/* The admin socket: tellerctl's requests to a running daemon. */
#ifndef ADMIN_SERVER_H
#define ADMIN_SERVER_H

struct desk;
struct err;
struct settings;

/* Is there the group that the settings name?  Any thread.  0, or -1 and *err.
 */
int admin_server_check(const struct settings *, struct err *);

struct admin_server;
/* Listen on STATE/admin.sock and, where there is one, in $RUNTIME_DIRECTORY,
 * for root, our own user and the group of the setting admin.group.  NULL and
 * *err. */
struct admin_server *admin_server_new(struct desk *, struct err *);
void admin_server_free(struct admin_server *); /* no request is running */

/* The i-th place where the socket of a daemon with that state directory may be,
 * a string that the caller frees; NULL: there are no more. */
char *admin_socket_path(const char *state_dir, int i);

#endif

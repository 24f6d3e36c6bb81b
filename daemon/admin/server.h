/* The admin socket: tellerctl's requests to a running daemon. */
#ifndef ADMIN_SERVER_H
#define ADMIN_SERVER_H

struct desk;
struct err;

struct admin_server;
/* Listen on $RUNTIME_DIRECTORY/admin.sock, else STATE/admin.sock, for root, our
 * own user and the group of the setting admin.group.  NULL and *err. */
struct admin_server *admin_server_new(struct desk *, struct err *);
void admin_server_free(struct admin_server *); /* no request is running */

/* Where the socket of a daemon with that state directory is: a string that the
 * caller frees. */
char *admin_socket_path(const char *state_dir);

#endif

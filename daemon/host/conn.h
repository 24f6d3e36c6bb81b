/* The services of a connection of the plugin's own. */
#ifndef HOST_CONN_H
#define HOST_CONN_H

#include <tellerd/plugin.h>

struct teller_conn *conn_dial(struct teller_host *, const char *host, int port,
			      int flags, const char *ca_file,
			      int64_t timeout_ms, teller_conn_fn *, void *arg);
int conn_write(struct teller_conn *, const void *data, size_t len);
int conn_start_tls(struct teller_conn *);
void conn_pause(struct teller_conn *, bool on);
void conn_close(struct teller_conn *);

#endif

/* The daemon's own HTTP routes: /livez, /readyz and /metrics.  They answer also
 * when every plugin has failed. */
#ifndef ADMIN_ENDPOINTS_H
#define ADMIN_ENDPOINTS_H

struct desk;
struct err;

/* 0, or -1 and *err. */
int endpoints_add(struct desk *, struct err *);

#endif

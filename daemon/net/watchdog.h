/* The service manager's watchdog (sd_watchdog_enabled(3)): a thread of its own
 * tells it that all is well, for as long as that is so of every thread that is
 * a witness (base/witness.h). */
#ifndef NET_WATCHDOG_H
#define NET_WATCHDOG_H

#include <stdint.h>

struct err;
struct watchdog;

/* On the watchdog's thread: that one has been at one thing for too long, and
 * the manager is told nothing; or, us 0: all is well again. */
typedef void watchdog_fn(void *arg, const char *name, int64_t us);

/* What WATCHDOG_USEC asks of this process (WATCHDOG_PID): a sign of life within
 * so many microseconds, or the manager ends it.  0: nothing is asked; -1 and
 * *err: the variable is malformed. */
int64_t watchdog_asked_us(struct err *);
/* Begin to send such signs.  A witness is stuck after half of usec.  NULL:
 * there is no thread. */
struct watchdog *watchdog_start(int64_t usec, watchdog_fn *told, void *arg);
void watchdog_stop(struct watchdog *); /* NULL is fine */

#endif

/* A stranger on this machine. */
#ifndef TESTS_BENCH_PEER_BUSY_H
#define TESTS_BENCH_PEER_BUSY_H

#include <sys/types.h>

/* A process that never waits, bound to the last processor, and ends with this
 * one at the latest.  Its id, or -1. */
pid_t busy_start(void);
void busy_stop(pid_t);

#endif

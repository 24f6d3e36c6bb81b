/* How many requests a minute somebody makes: token buckets in a table of fixed
 * size.  Loop thread.
 *
 * A bucket is one time, when it is full again (the generic cell rate algorithm,
 * ITU-T I.371): it holds a minute's requests, and each one takes a part of the
 * minute.  In a full table the bucket that is full soonest makes room, which
 * forgets the least: somebody with many addresses can make the table forget
 * somebody, never hold anybody to another's number. */
#ifndef NET_RATES_H
#define NET_RATES_H

#include <stdbool.h>
#include <stdint.h>

struct rates;
struct rates *rates_new(void);
void rates_free(struct rates *);

struct rate {
	int64_t left; /* requests that may follow at once */
	int reset_s;  /* until the bucket is full again */
	int wait_s;   /* until one more may come, at least 1; 0: at once */
};

/* Take one request of those that `key` (not 0) may make, per_minute (over 0) of
 * them, at now_us of a clock that only goes on.  false: there is none, and
 * nothing was taken. */
bool rates_take(struct rates *, uint64_t key, int per_minute, int64_t now_us,
		struct rate *rate_r);

#endif

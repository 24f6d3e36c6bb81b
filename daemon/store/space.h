/* How much space the disk has left, looked up now and then. */
#ifndef STORE_SPACE_H
#define STORE_SPACE_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes that are free for us where path is; -1 if that cannot be told. */
int64_t space_free_bytes(const char *path);

struct space {
	const char *path; /* borrowed */
	int64_t min_free_bytes;
	int64_t checked_at_us; /* monotonic */
	bool is_low;
};

/* Is less than the minimum free?  Looks at most fifty times a second. */
bool space_is_low(struct space *);

#endif

/* The guard against a full disk.  A struct space is the store thread's. */
#include "store/space.h"

#include <sys/statvfs.h>

#include "base/time.h"

#define CHECK_EVERY_US 20000

int64_t
space_free_bytes(const char *path)
{
	struct statvfs disk;

	if (statvfs(path, &disk) < 0)
		return -1;
	return (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
}

bool
space_is_low(struct space *space)
{
	int64_t now_us = time_mono_us();

	if (space->checked_at_us &&
	    now_us - space->checked_at_us < CHECK_EVERY_US)
		return space->is_low;
	int64_t free_bytes = space_free_bytes(space->path);
	space->checked_at_us = now_us;
	space->is_low = free_bytes >= 0 && free_bytes < space->min_free_bytes;
	return space->is_low;
}

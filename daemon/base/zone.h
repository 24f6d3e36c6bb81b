/* Time zones: what clocks on a wall show, by the files of the system's
 * database (TZif, RFC 8536; of version 2 or later).  A zone never changes once
 * it is read; any thread may ask it. */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stddef.h>
#include <stdint.h>

struct err;

#define ZONE_DIR "/usr/share/zoneinfo"

struct zone;
/* The zone of an IANA name ("Europe/Dublin"), from ZONE_DIR.  NULL and *err:
 * there is none, the database is not installed, or the file is damaged. */
struct zone *zone_read(const char *name, struct err *);
/* The same from the bytes of a file, which may go.  NULL and *err. */
struct zone *zone_parse(const void *data, size_t len, struct err *);
void zone_free(struct zone *); /* NULL is fine */

/* Seconds that the zone's clocks are ahead of UTC at a time.  Before the first
 * change that the file knows, what it says of then; behind the last one, by its
 * rule. */
int zone_offset(const struct zone *, int64_t seconds);
/* When the zone's clocks show that many seconds since 1970-01-01T00:00:00 of
 * their own: of two such times the first; of one that was left out when they
 * were put forward, as if they had not been yet. */
int64_t zone_to_utc(const struct zone *, int64_t local_seconds);

/* The SHA-256 (hex) of the zone's file. */
const char *zone_hash(const struct zone *);

#endif

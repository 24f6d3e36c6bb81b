/* hours.yaml: when people answer.  What is asked of it is a function of the
 * time alone: the zone was read with the pack.  Any thread once it is read. */
#ifndef NLU_HOURS_H
#define NLU_HOURS_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct err;
struct hours;
struct pack;
struct yaml_file;

/* Read hours.yaml into pack->hours; 0, or -1 and *err with file and line. */
int hours_read(struct pack *, const struct yaml_file *, struct err *);
void hours_free(struct hours *); /* NULL is fine */

bool hours_are_open(const struct hours *, int64_t now_us);
/* The next time after now_us at which they begin; 0: not within a year. */
int64_t hours_next(const struct hours *, int64_t now_us);

/* When that is, for the customer: "today, from 14:00", "tomorrow, Monday 30
 * November, from 9:00", "on Tuesday 1 December, from 9:00". */
void hours_write_day(const struct hours *, int64_t now_us, int64_t at_us,
		     struct buf *out);
/* The desk's time of day, "9:05"; with no hours (NULL) "9:05 UTC". */
void hours_write_clock(const struct hours *, int64_t at_us, struct buf *out);
/* Minutes that the desk's clocks are ahead of UTC; 0 with no hours. */
int hours_zone_minutes(const struct hours *, int64_t now_us);
/* The SHA-256 (hex) of the zone's file, which is no part of the pack. */
const char *hours_zone_hash(const struct hours *);

#endif

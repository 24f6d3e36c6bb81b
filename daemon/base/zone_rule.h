/* The rule of a zone for all time to come: the TZ string of POSIX.1 with the
 * extensions of RFC 8536 (hours from -167 to 167). */
#ifndef BASE_ZONE_RULE_H
#define BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* When in a year a change is. */
struct zone_day {
	char form; /* 'M': month, week, weekday; 'J': 1 to 365, no 29 February;
		    * 'N': 0 to 365 */
	int month, week, weekday, day;
	int seconds; /* of the day, by the clock before the change */
};

struct zone_rule {
	int standard_s, summer_s; /* ahead of UTC */
	bool has_summer;
	struct zone_day begin, end; /* of summer time */
};

/* false: the text, of len bytes, is no such rule. */
bool zone_rule_parse(struct zone_rule *, const char *text, size_t len);
/* Seconds ahead of UTC at a time. */
int zone_rule_offset(const struct zone_rule *, int64_t seconds);

#endif

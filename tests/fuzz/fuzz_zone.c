/* Files of time zones from anywhere, and the rules in them: whatever is taken
 * gives an offset that a clock may have, at any time. */
#include "fuzz.h"

#include <assert.h>

#include "base/err.h"
#include "base/zone.h"
#include "base/zone_rule.h"

static const int64_t times[] = {
	INT64_MIN, -62135596800, -1, 0, 1700000000, 4102444800, INT64_MAX,
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	struct zone_rule rule;
	struct zone *zone = zone_parse(data, size, &err);

	assert((zone == NULL) == (err.text[0] != '\0'));
	for (size_t i = 0; zone && i < sizeof times / sizeof *times; i++) {
		int offset = zone_offset(zone, times[i]);
		assert(offset > -100000 && offset < 100000);
	}
	if (zone)
		zone_to_utc(zone, times[4]);
	zone_free(zone);
	if (zone_rule_parse(&rule, (const char *)data, size))
		zone_rule_offset(&rule, times[4]);
	return 0;
}

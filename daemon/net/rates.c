#include "net/rates.h"

#include <stdlib.h>

#include "base/mem.h"

#define N_SETS 4096 /* a power of two */
#define N_WAYS 4
#define MINUTE_US ((int64_t)60 * 1000000)
#define SECOND_US 1000000

struct bucket {
	uint64_t key;
	int64_t full_at_us;
};

struct rates {
	struct bucket sets[N_SETS][N_WAYS];
};

struct rates *
rates_new(void)
{
	return mem_new(sizeof(struct rates));
}

void
rates_free(struct rates *rates)
{
	free(rates);
}

/* Keys are hash values, or groups of addresses that differ in their middle:
 * both spread well after a multiplication (Knuth's). */
static struct bucket *
find(struct rates *rates, uint64_t key)
{
	uint64_t mixed = key * UINT64_C(0x9E3779B97F4A7C15);
	struct bucket *set = rates->sets[mixed >> 52 & (N_SETS - 1)];
	struct bucket *found = &set[0];

	for (int i = 0; i < N_WAYS; i++) {
		if (set[i].key == key)
			return &set[i];
		if (set[i].full_at_us < found->full_at_us)
			found = &set[i];
	}
	*found = (struct bucket){.key = key};
	return found;
}

static int
up_to_seconds(int64_t us)
{
	return us > 0 ? (int)((us + SECOND_US - 1) / SECOND_US) : 0;
}

bool
rates_take(struct rates *rates, uint64_t key, int per_minute, int64_t now_us,
	   struct rate *rate_r)
{
	struct bucket *bucket = find(rates, key);
	int64_t one_us = MINUTE_US / per_minute;

	if (one_us < 1)
		one_us = 1;
	int64_t full_at_us =
		(bucket->full_at_us > now_us ? bucket->full_at_us : now_us) +
		one_us;
	int64_t room_us = now_us + one_us * per_minute - full_at_us;
	bool is_taken = room_us >= 0;
	if (is_taken)
		bucket->full_at_us = full_at_us;
	*rate_r = (struct rate){
		.left = is_taken ? room_us / one_us : 0,
		.reset_s = up_to_seconds(bucket->full_at_us - now_us),
		.wait_s = up_to_seconds(-room_us),
	};
	return is_taken;
}

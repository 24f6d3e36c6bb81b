#include "model/draft.h"

#define MATCH_MIN 2
#define MATCH_MAX 8
#define PAUSE_MAX 32

/* How many tokens before end are the last ones. */
static int
match(const int *tokens, int end, int n)
{
	int matched = 0;

	while (matched < MATCH_MAX && matched < end &&
	       tokens[end - 1 - matched] == tokens[n - 1 - matched])
		matched++;
	return matched;
}

int
draft_find(const int *tokens, int n, int max, int *out)
{
	int longest = MATCH_MIN - 1, from = 0;

	for (int end = n - 1; end >= MATCH_MIN && longest < MATCH_MAX; end--) {
		int matched = match(tokens, end, n);
		if (matched <= longest)
			continue;
		longest = matched;
		from = end;
	}
	if (longest < MATCH_MIN)
		return 0;
	/* What goes on beyond the last token goes on as it began. */
	for (int i = 0; i < max; i++)
		out[i] = from + i < n ? tokens[from + i] : out[from + i - n];
	return max;
}

void
draft_pace_init(struct draft_pace *pace, int max)
{
	*pace = (struct draft_pace){
		.max = max < DRAFT_MAX ? max : DRAFT_MAX,
		.length = max < 4 ? max : 4,
	};
}

int
draft_pace_next(struct draft_pace *pace)
{
	if (pace->pause == 0)
		return pace->length;
	pace->pause--;
	return 0;
}

void
draft_pace_learn(struct draft_pace *pace, int n, int n_right)
{
	if (n == 0)
		return;
	if (n_right > 0) {
		pace->last_pause = 0;
	} else {
		pace->last_pause = pace->last_pause ? 2 * pace->last_pause : 1;
		if (pace->last_pause > PAUSE_MAX)
			pace->last_pause = PAUSE_MAX;
		pace->pause = pace->last_pause;
	}
	pace->length = n_right == n ? 2 * n : n_right + 1;
	if (pace->length > pace->max)
		pace->length = pace->max;
}

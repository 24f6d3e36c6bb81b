/* Any thread: nothing changes. */
#include "text/slip.h"

#include <string.h>

/* In shorter words any letter makes another word, in long ones hardly one; two
 * exchanged inside make one nowhere. */
#define SWAP_BYTES_MIN 4
#define SLIP_BYTES_MIN 5
#define LONG_BYTES_MIN 8

/* Is the letter at `at` the same as one beside it? */
static bool
is_twice(const char *word, size_t at)
{
	return (at && word[at - 1] == word[at]) || word[at + 1] == word[at];
}

bool
text_is_slip(const char *said, const char *meant)
{
	size_t n = strlen(said), n_meant = strlen(meant), begin = 0, end = 0;

	if (n < SWAP_BYTES_MIN)
		return false;
	while (said[begin] && said[begin] == meant[begin])
		begin++;
	while (end < n - begin && end < n_meant - begin &&
	       said[n - 1 - end] == meant[n_meant - 1 - end])
		end++;
	bool is_exchange = begin && n == n_meant && begin + end + 2 == n;
	if (n < SLIP_BYTES_MIN)
		return is_exchange && end;
	if (n > n_meant && is_twice(said, begin))
		return true;
	if (n < n_meant && is_twice(meant, begin))
		return true;
	if (!begin)
		return false;
	if (is_exchange)
		return true;
	return end && (n < n_meant || n >= LONG_BYTES_MIN);
}

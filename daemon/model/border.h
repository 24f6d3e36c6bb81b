/* Up to where to go in an order that is not made. */
#ifndef MODEL_BORDER_H
#define MODEL_BORDER_H

#include <stdbool.h>

/* A token that may come. */
struct ranked {
	double rank;   /* the lower, the better */
	double weight; /* e^(score / temperature), of the highest 1 */
	float score;
	int id;
};

/* Of equal ranks the lowest id is first. */
bool ranked_is_before(const struct ranked *, const struct ranked *);
/* Of 1 or more, the last in the order of ranks before which there is less
 * weight than limit, and the first at least, in a time that grows with n.  No
 * rank is NaN.  room (n) is written to. */
struct ranked border_find(const struct ranked *items, int n, double limit,
			  struct ranked *room);

#endif

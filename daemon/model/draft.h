/* What may come next, by what came before (prompt lookup): an answer that
 * copies from its passage is in the prompt already. */
#ifndef MODEL_DRAFT_H
#define MODEL_DRAFT_H

#define DRAFT_MAX 15

/* Tokens that followed an earlier occurrence of the last ones: of at least two
 * tokens, the longest, of several the latest.  The number of them, up to max;
 * 0: there is none. */
int draft_find(const int *tokens, int n, int max, int *out);

/* How many drafts are worth a try.  A draft costs a part of a step, which is
 * lost when it is wrong: what all were right of doubles, up to max, what some
 * were wrong of falls to one more than were right; when the first was wrong
 * there is a pause, which doubles as long as that goes on. */
struct draft_pace {
	int max, length, pause, last_pause;
};

void draft_pace_init(struct draft_pace *, int max);
/* For one more step. */
int draft_pace_next(struct draft_pace *);
/* Of n that were tried, so many were right. */
void draft_pace_learn(struct draft_pace *, int n, int n_right);

#endif

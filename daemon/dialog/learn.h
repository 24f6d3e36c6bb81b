/* What is learnt from the entries of a generation and a pack: the index that
 * finds entries, and the lesson of intents. */
#ifndef DIALOG_LEARN_H
#define DIALOG_LEARN_H

#include <stdint.h>

struct err;
struct index;
struct lesson;
struct pack;
struct store;

struct learnt {
	struct index *index;
	struct lesson *lesson;
};

/* From the entries in force at a generation (0: the present one, which
 * *generation_r then is) and the examples of the pack.  The same generation and
 * pack give the same, to the bit.  As long as it takes.  0, or -1 and *err. */
int learn(struct store *, const struct pack *, int64_t generation,
	  int64_t *generation_r, struct learnt *learnt_r, struct err *);
/* The lesson of a generation (0: the present one) alone.  NULL and *err. */
struct lesson *learn_lesson(struct store *, const struct pack *,
			    int64_t generation, struct err *);
/* The same from a pack alone, every entry of it as its first version, as of
 * what is called this generation. */
int learn_pack(const struct pack *, int64_t generation, struct learnt *learnt_r,
	       struct err *);
void learnt_release(struct learnt *);

#endif

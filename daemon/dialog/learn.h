/* What is learnt from the entries of a generation and a pack: the index that
 * finds entries, and the classifier of intents. */
#ifndef DIALOG_LEARN_H
#define DIALOG_LEARN_H

#include <stdint.h>

struct classifier;
struct err;
struct index;
struct pack;
struct store;

struct learnt {
	struct index *index;
	struct classifier *classifier;
};

/* From the entries in force at a generation (0: the present one, which
 * *generation_r then is) and the examples of the pack.  The same generation and
 * pack give the same, to the bit.  As long as it takes.  0, or -1 and *err. */
int learn(struct store *, const struct pack *, int64_t generation,
	  int64_t *generation_r, struct learnt *learnt_r, struct err *);
/* The same from a pack alone, every entry of it as its first version. */
int learn_pack(const struct pack *, struct learnt *learnt_r, struct err *);
void learnt_release(struct learnt *);

#endif

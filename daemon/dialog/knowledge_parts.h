/* What a struct knowledge is made of, for the files of knowledge.h. */
#ifndef DIALOG_KNOWLEDGE_PARTS_H
#define DIALOG_KNOWLEDGE_PARTS_H

#include <stdatomic.h>

#include "dialog/knowledge.h"

/* A pack or an index, that several generations of knowledge share. */
struct shared;

struct held {
	struct knowledge knowledge; /* what others see */
	atomic_int refs;
	struct shared *pack, *index;
};

/* Each takes what it is given, with one hold. */
struct shared *shared_pack(struct pack *);
struct shared *shared_index(struct index *);
struct shared *shared_hold(struct shared *);
void shared_release(struct shared *); /* or NULL */
const struct pack *shared_get_pack(const struct shared *);

/* Without settings, with one hold; takes a hold of each part. */
struct held *held_new(struct shared *pack, struct shared *index,
		      struct lesson *, int64_t generation);

#endif

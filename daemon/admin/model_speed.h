/* How fast a model's steps are on this machine: what a measurement is made
 * of. */
#ifndef ADMIN_MODEL_SPEED_H
#define ADMIN_MODEL_SPEED_H

#include "model/kv.h"

struct err;
struct forward_row;
struct opened;

/* So many sequences, each of a prompt and the tokens that go on from it, in
 * steps of up to a chunk of rows. */
struct speed_shape {
	int prompt, tokens, batch, chunk;
};

struct speed {
	struct opened *opened;
	struct speed_shape shape;
	int per_sequence;	  /* blocks of one */
	int *blocks;		  /* (batch, per_sequence) */
	struct forward_row *rows; /* (batch * prompt), as they come */
	unsigned chance;
};

/* The model, which has no room yet and is borrowed until the end.  0, or -1 and
 * *err; to be released in either case. */
int speed_init(struct speed *, struct opened *, const struct speed_shape *,
	       enum kv_type, struct err *);
void speed_release(struct speed *);

/* Tokens per second, summed over the batch: of the prompts, and of going on
 * from them.  Nothing is sampled; every sequence gets its logits. */
double speed_prompts(struct speed *);
double speed_tokens(struct speed *);
/* Bytes per second of reading what a step reads, by as many threads: as a step
 * is short, the best of a few readings. */
double speed_reading(struct speed *);

/* Mean and best of several. */
struct rate {
	double sum, best;
	int n;
};

void rate_add(struct rate *, double value);

#endif

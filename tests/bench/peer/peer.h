/* llama.cpp, as its libraries come with the npm package node-llama-cpp. */
#ifndef TESTS_BENCH_PEER_PEER_H
#define TESTS_BENCH_PEER_PEER_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct peer;

struct peer_options {
	int threads, batch, positions; /* positions of a sequence */
	int rows;		       /* of a step (n_ubatch) */
	bool has_flash;		       /* attention in one operation */
	bool is_unified; /* one cache of keys and values for all sequences */
	bool has_f32_kv; /* else f16 */
};

/* Load libggml*.so and libllama*.so of a directory and what they find there for
 * this processor.  Once.  0, or -1 and *err. */
int peer_load(const char *dir, struct err *err);
/* Of the libraries, and of the processor as they see it. */
const char *peer_version(void);
const char *peer_features(void);

/* The path of the file in dir of a public model's shape with seeded weights of
 * a type: "F32", or what the peer makes of that, "F16", "BF16", "Q8_0", "Q4_0"
 * or "Q4_0 pure", which has the head in that type too.  It is made if it is not
 * there.  0, or -1 and *err. */
int peer_file(char *path, size_t size, const char *dir, const char *shape,
	      const char *type, struct err *err);

/* NULL and *err if the file is refused.  Its threads look for work for about
 * half a second before they sleep. */
struct peer *peer_open(const char *path, const struct peer_options *,
		       struct err *err);
void peer_close(struct peer *);

/* Forget all that was read. */
void peer_clear(struct peer *);
/* Read tokens of one sequence from a position on.  The logits after the last
 * one, borrowed until the next call; NULL: it failed. */
const float *peer_read(struct peer *, int sequence, int position,
		       const int *tokens, int n);
/* One token of each sequence, all at one position; the logits of the first. */
const float *peer_step(struct peer *, int position, const int *tokens);

#endif

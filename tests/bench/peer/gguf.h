/* Weights as a file of the peer's format. */
#ifndef TESTS_BENCH_PEER_GGUF_H
#define TESTS_BENCH_PEER_GGUF_H

struct err;
struct model_weights;

/* Write a GGUF file, all in f32 and without a vocabulary.  0, or -1 and *err.
 */
int gguf_write(const char *path, const struct model_weights *, struct err *);

#endif

/* Threads that share a loop with whoever calls. */
#ifndef MODEL_COMPUTE_H
#define MODEL_COMPUTE_H

struct compute;
struct err;

#define COMPUTE_THREADS_MAX 64

/* Processors there are, up to COMPUTE_THREADS_MAX. */
int compute_n_processors(void);

/* n_threads with the caller's, which takes part.  NULL and *err if the system
 * gives no more. */
struct compute *compute_new(int n_threads, struct err *);
/* Nothing runs. */
void compute_free(struct compute *);
int compute_n_threads(const struct compute *);
/* How often a thread that others waited for was moved to another processor. */
long compute_n_moves(const struct compute *);

/* run(arg, chunk, thread) for each chunk of 0 ... n_chunks - 1, by whichever
 * thread is free, about in this order; thread is 0 ... n_threads - 1, and one
 * thread runs one chunk at a time.  Returns when all have run.  One caller at
 * a time. */
typedef void compute_fn(void *arg, int chunk, int thread);
void compute_run(struct compute *, compute_fn *run, void *arg, int n_chunks);

#endif

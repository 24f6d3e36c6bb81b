/* The steps of a measurement.
 *
 * Tokens come by chance, as a step costs the same whatever they are.  What is
 * read for the bandwidth is the packed weights themselves, by as many threads
 * as compute: what else the machine does weighs on both. */
#include "admin/model_speed.h"

#include <stdlib.h>

#include "admin/model_open.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/time.h"
#include "model/compute.h"

#define READ_BYTES (256 << 10)

void
rate_add(struct rate *rate, double value)
{
	rate->sum += value;
	rate->n++;
	if (value > rate->best)
		rate->best = value;
}

static double
seconds_since(int64_t start_us)
{
	return (double)(time_mono_us() - start_us) * 1e-6;
}

/* ---- Reading alone */

/* How many bytes ahead of a reading the memory is asked for: which is best
 * depends on the processor, and a bound is to be one. */
static const size_t read_ahead[] = {0, 1024, 2048, 4096, 2048, 4096};
#define N_READINGS (sizeof read_ahead / sizeof *read_ahead)

struct reading {
	const unsigned char *memory;
	size_t ahead;
	uint64_t sums[COMPUTE_THREADS_MAX];
};

static void
read_chunk(void *arg, int chunk, int thread)
{
	struct reading *reading = arg;
	size_t start = (size_t)chunk * READ_BYTES;
	const uint64_t *words = (const uint64_t *)(reading->memory + start);
	uint64_t sums[8] = {0};

	for (size_t i = 0; i < READ_BYTES / sizeof *words; i += 8) {
		__builtin_prefetch((const char *)(words + i) + reading->ahead);
		for (int lane = 0; lane < 8; lane++)
			sums[lane] += words[i + (size_t)lane];
	}
	for (int lane = 0; lane < 8; lane++)
		reading->sums[thread] += sums[lane];
}

double
speed_reading(struct speed *speed)
{
	const struct model *model = &speed->opened->model;
	struct reading reading = {.memory = model->memory};
	int n_chunks = (int)(model->bytes_per_token / READ_BYTES);
	double best = 0;

	for (size_t i = 0; i < N_READINGS; i++) {
		reading.ahead = read_ahead[i];
		int64_t start = time_mono_us();
		compute_run(speed->opened->compute, read_chunk, &reading,
			    n_chunks);
		double rate =
			(double)n_chunks * READ_BYTES / seconds_since(start);
		best = rate > best ? rate : best;
	}
	return best;
}

/* ---- Steps */

static struct forward_row
make_row(struct speed *speed, int sequence, int position, bool has_logits)
{
	struct step *step = &speed->opened->step;
	size_t place = (size_t)sequence * (size_t)step->n_vocab;

	speed->chance = speed->chance * 1664525 + 1013904223;
	return (struct forward_row){
		.token = (int)(speed->chance >> 8) % step->n_vocab,
		.position = position,
		.blocks = speed->blocks + sequence * speed->per_sequence,
		.logits = has_logits ? step->logits + place : NULL,
	};
}

double
speed_prompts(struct speed *speed)
{
	int n = speed->shape.batch * speed->shape.prompt;

	for (int i = 0; i < n; i++) {
		int position = i % speed->shape.prompt;
		speed->rows[i] =
			make_row(speed, i / speed->shape.prompt, position,
				 position == speed->shape.prompt - 1);
	}
	int64_t start = time_mono_us();
	for (int i = 0; i < n; i += speed->shape.chunk)
		forward_run(speed->opened->forward, speed->rows + i,
			    n - i < speed->shape.chunk ? n - i
						       : speed->shape.chunk);
	return n / seconds_since(start);
}

double
speed_tokens(struct speed *speed)
{
	int64_t start = time_mono_us();

	for (int t = 0; t < speed->shape.tokens; t++) {
		for (int s = 0; s < speed->shape.batch; s++)
			speed->rows[s] = make_row(
				speed, s, speed->shape.prompt + t, true);
		forward_run(speed->opened->forward, speed->rows,
			    speed->shape.batch);
	}
	return speed->shape.tokens * speed->shape.batch / seconds_since(start);
}

/* ---- Room */

static int
take_room(struct speed *speed, enum kv_type kv_type, struct err *err)
{
	const struct speed_shape *shape = &speed->shape;
	int max_rows =
		shape->chunk > shape->batch ? shape->chunk : shape->batch;
	int n_blocks = shape->batch * speed->per_sequence;

	if (model_room(speed->opened, kv_type, n_blocks, max_rows, shape->batch,
		       err))
		return -1;
	speed->blocks = mem_array((size_t)n_blocks, sizeof *speed->blocks);
	speed->rows = mem_array((size_t)shape->batch * (size_t)shape->prompt,
				sizeof *speed->rows);
	if (!speed->blocks || !speed->rows)
		return err_set(err, "no memory for so many sequences");
	for (int i = 0; i < n_blocks; i++)
		speed->blocks[i] = kv_take(&speed->opened->kv);
	return 0;
}

int
speed_init(struct speed *speed, struct opened *opened,
	   const struct speed_shape *shape, enum kv_type kv_type,
	   struct err *err)
{
	int length = shape->prompt + shape->tokens;

	*speed = (struct speed){
		.opened = opened,
		.shape = *shape,
		.per_sequence = (length + KV_BLOCK - 1) / KV_BLOCK,
		.chance = 1,
	};
	return take_room(speed, kv_type, err);
}

void
speed_release(struct speed *speed)
{
	free(speed->blocks);
	free(speed->rows);
	*speed = (struct speed){0};
}

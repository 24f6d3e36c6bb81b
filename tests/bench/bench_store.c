/* How many messages a second are on disk before they are acknowledged, beside
 * what the disk's sync takes in the same run, and what the store's thread
 * works for each.
 *
 *	bench_store [DIR]
 *
 * DIR (the working directory) says which disk. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "store/message.h"

#define N_SYNCS 200
#define LANES_MAX 256
#define RUN_US 1500000
#define TEXT_BYTES 400

/* One message at a time, again and again. */
struct lane {
	struct store_add_message add;
	char key[16], external_id[32];
};

static struct {
	struct store *store;
	char text[TEXT_BYTES + 1];
	struct lane lanes[LANES_MAX];
	int64_t end_us;
	atomic_int n_running;
	atomic_long n_acks;
	atomic_ulong n_submitted;
} bench;

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int
measure_sync(const char *dir)
{
	static char block[8192];
	int64_t took_us[N_SYNCS];
	char path[512];

	snprintf(path, sizeof path, "%s/sync", dir);
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	if (fd < 0)
		return -1;
	for (int i = 0; i < N_SYNCS; i++) {
		if (pwrite(fd, block, sizeof block, i * 8192) < 0)
			return -1;
		int64_t begin_us = time_mono_us();
		if (fdatasync(fd) < 0)
			return -1;
		took_us[i] = time_mono_us() - begin_us;
	}
	close(fd);
	unlink(path);
	qsort(took_us, N_SYNCS, sizeof *took_us, compare);
	printf("fdatasync: median %.3f ms, 99th percentile %.3f ms\n",
	       (double)took_us[N_SYNCS / 2] / 1000,
	       (double)took_us[N_SYNCS * 99 / 100] / 1000);
	return 0;
}

/* Of the whole process: all but the store's thread sleeps.  Other programs of
 * the machine change it little. */
static double
cpu_us(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (double)used.tv_sec * 1e6 + (double)used.tv_nsec / 1e3;
}

static void done(struct store_write *);

/* As a channel brings it: with an id of its own, which sorts anywhere. */
static void
submit(struct lane *lane)
{
	uint64_t n = bench.n_submitted++;

	snprintf(lane->external_id, sizeof lane->external_id, "web:%016llx",
		 (unsigned long long)(n * 0x9e3779b97f4a7c15));
	lane->add = (struct store_add_message){
		.write = {.verb = &store_verb_add_message, .done = done},
		.channel = "web",
		.key = lane->key,
		.external_ids = {lane->external_id},
		.message = {.kind = "text",
			    .text = bench.text,
			    .received_at_us = 1},
		.is_queued = true,
	};
	store_submit(bench.store, &lane->add.write);
}

static void
done(struct store_write *write)
{
	if (write->status == STORE_OK)
		bench.n_acks++;
	if (write->status == STORE_OK && time_mono_us() < bench.end_us)
		submit(container_of(write, struct lane, add.write));
	else
		bench.n_running--;
}

static void
measure_writes(int n_lanes)
{
	struct store_health before, after;

	store_health(bench.store, &before);
	bench.n_acks = 0;
	bench.n_running = n_lanes;
	double begin_cpu_us = cpu_us();
	int64_t begin_us = time_mono_us();
	bench.end_us = begin_us + RUN_US;
	for (int i = 0; i < n_lanes; i++) {
		snprintf(bench.lanes[i].key, sizeof bench.lanes[i].key, "%d",
			 i);
		submit(&bench.lanes[i]);
	}
	while (bench.n_running > 0)
		usleep(1000);
	double seconds = (double)(time_mono_us() - begin_us) / 1e6;
	double n_acks = (double)bench.n_acks;
	store_health(bench.store, &after);
	printf("%3d at once: %.0f messages/s in %.0f commits/s, "
	       "%.1f us of processor time a message\n",
	       n_lanes, n_acks / seconds,
	       (double)(after.commits - before.commits) / seconds,
	       (cpu_us() - begin_cpu_us) / n_acks);
}

static void
clean_up(const char *dir)
{
	static const char *const names[] = {"store.db", "store.db-wal",
					    "store.db-shm", "lock"};
	char path[512];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
}

int
main(int argc, char **argv)
{
	char dir[256];
	struct err err = {0};

	snprintf(dir, sizeof dir, "%s/bench_store_XXXXXX",
		 argc > 1 ? argv[1] : ".");
	if (!mkdtemp(dir) || measure_sync(dir) < 0) {
		perror(dir);
		return 1;
	}
	struct store_config config = {.dir = dir, .wal_limit_bytes = 64 << 20};
	bench.store = store_open(&config, NULL, &err);
	if (!bench.store) {
		fprintf(stderr, "bench_store: %s\n", err.text);
		return 1;
	}
	memset(bench.text, 'x', TEXT_BYTES);
	for (int n = 1; n <= LANES_MAX; n *= 4)
		measure_writes(n);
	measure_sync(dir);
	store_close(bench.store);
	clean_up(dir);
	return 0;
}

/* What a large FAQ costs: reading its file, importing it, how long others
 * wait for the store meanwhile, and reading all that is in force.
 *
 *	bench_knowledge [DIR [ENTRIES]]
 *
 * DIR (the working directory) says which disk; 100,000 entries. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/time.h"
#include "faq/csv.h"
#include "faq/import.h"
#include "store/message.h"

#define N_WORDS 20000
#define WAITS_MAX 1000000
#define PAUSE_US 5000

static struct {
	struct store *store;
	char words[N_WORDS][12];
	unsigned int seed;
	atomic_bool is_over;
	int64_t *waits_us;
	size_t n_waits;
} bench;

static void
make_words(void)
{
	for (int i = 0; i < N_WORDS; i++)
		for (int k = 3 + rand_r(&bench.seed) % 8; k > 0; k--)
			bench.words[i][k - 1] =
				(char)('a' + rand_r(&bench.seed) % 26);
}

/* A few words are frequent, most are rare, as in any language. */
static void
add_words(struct buf *out, int n)
{
	for (int i = 0; i < n; i++) {
		double r = rand_r(&bench.seed) / (double)RAND_MAX;
		size_t word = (size_t)(r * r * r * (N_WORDS - 1));
		buf_addf(out, "%s%s", i ? " " : "", bench.words[word]);
	}
}

/* Three paraphrases and 80 words of answer each. */
static char *
make_file(int n, const char *mark)
{
	struct buf out;

	bench.seed = 1;
	make_words();
	buf_init(&out, CSV_BYTES_MAX);
	buf_adds(&out, "id,question,paraphrases,answer\n");
	for (int i = 0; i < n; i++) {
		buf_addf(&out, "entry-%d,", i);
		add_words(&out, 9);
		buf_addf(&out, " %d,", i);
		for (int k = 0; k < 3; k++) {
			buf_adds(&out, k ? " | " : "");
			add_words(&out, 8);
		}
		buf_adds(&out, ",");
		add_words(&out, 80);
		buf_addf(&out, "%s\n", mark);
	}
	return buf_take(&out);
}

/* A customer's message every few milliseconds, and how long it takes. */
static void *
write_messages(void *arg)
{
	struct timespec pause = {.tv_nsec = PAUSE_US * 1000};

	(void)arg;
	while (!atomic_load(&bench.is_over) && bench.n_waits < WAITS_MAX) {
		struct store_add_message add = {
			.write.verb = &store_verb_add_message,
			.channel = "web",
			.account = "",
			.key = "one",
			.message = {.kind = "text",
				    .text = "What are the fees?",
				    .received_at_us = time_now_us()},
		};
		int64_t begin_us = time_mono_us();
		if (store_call(bench.store, &add.write) != STORE_OK)
			break;
		bench.waits_us[bench.n_waits++] = time_mono_us() - begin_us;
		nanosleep(&pause, NULL);
	}
	return NULL;
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
print_waits(const char *what)
{
	size_t n = bench.n_waits;

	if (n == 0)
		return;
	qsort(bench.waits_us, n, sizeof *bench.waits_us, compare);
	printf("%-34s %7.1f ms median, %.1f ms 99 %%, %.1f ms worst of %zu\n",
	       what, (double)bench.waits_us[n / 2] / 1e3,
	       (double)bench.waits_us[n * 99 / 100] / 1e3,
	       (double)bench.waits_us[n - 1] / 1e3, n);
}

static void
print_seconds(const char *what, int64_t begin_us, double n)
{
	double s = (double)(time_mono_us() - begin_us) / 1e6;

	printf("%-34s %7.2f s  (%.0f entries/s)\n", what, s, n / s);
}

static void
import_once(const char *what, int n, const char *mark)
{
	struct import_result result = {0};
	struct faq_file file;
	struct err err = {0};
	pthread_t thread;
	char *text = make_file(n, mark);

	int64_t begin_us = time_mono_us();
	if (faq_read_csv(&file, "bench", text, strlen(text), NULL, NULL, &err))
		goto out;
	printf("%s: %.1f MB of CSV\n", what, (double)strlen(text) / 1e6);
	print_seconds("  reading the file", begin_us, n);
	bench.n_waits = 0;
	atomic_store(&bench.is_over, false);
	pthread_create(&thread, NULL, write_messages, NULL);
	begin_us = time_mono_us();
	if (faq_import(bench.store, &file, "file:bench", "approved", true,
		       "bench", &result, &err) == 0)
		print_seconds("  importing it", begin_us, n);
	atomic_store(&bench.is_over, true);
	pthread_join(thread, NULL);
	print_waits("  a message meanwhile");
	import_result_release(&result);
	faq_file_release(&file);
out:
	if (err.text[0])
		printf("%s\n", err.text);
	free(text);
}

static void
measure_idle(void)
{
	pthread_t thread;

	atomic_store(&bench.is_over, false);
	pthread_create(&thread, NULL, write_messages, NULL);
	sleep(2);
	atomic_store(&bench.is_over, true);
	pthread_join(thread, NULL);
	print_waits("a message, nothing else going on");
}

static int
count_one(void *arg, const struct faq_version *version, struct err *err)
{
	(void)version;
	(void)err;
	++*(long *)arg;
	return 0;
}

static void
read_once(const char *what, int64_t generation)
{
	struct store_reader *reader = store_read_begin(bench.store, NULL);
	long n = 0;

	int64_t begin_us = time_mono_us();
	store_each_in_force(reader, generation, count_one, &n, NULL);
	print_seconds(what, begin_us, (double)n);
	store_read_end(reader);
}

static void
search_once(int n_words)
{
	struct store_reader *reader = store_read_begin(bench.store, NULL);
	const struct faq_version *list;
	struct arena arena = {0};
	struct buf words;

	buf_init(&words, 10000);
	add_words(&words, n_words);
	int64_t begin_us = time_mono_us();
	long found = store_search_versions(reader, &arena, buf_str(&words), 0,
					   10, &list, NULL);
	printf("searching %d words %*s %7.1f ms  (%ld found)\n", n_words, 15,
	       "", (double)(time_mono_us() - begin_us) / 1e3, found);
	store_read_end(reader);
	buf_release(&words);
	arena_release(&arena);
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
	int n = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 100000;
	char dir[256];
	struct err err = {0};

	snprintf(dir, sizeof dir, "%s/bench_knowledge_XXXXXX",
		 argc > 1 ? argv[1] : ".");
	if (!mkdtemp(dir))
		return 1;
	struct store_config config = {.dir = dir, .wal_limit_bytes = 64 << 20};
	bench.store = store_open(&config, NULL, &err);
	if (!bench.store) {
		fprintf(stderr, "bench_knowledge: %s\n", err.text);
		return 1;
	}
	bench.waits_us = mem_new(WAITS_MAX * sizeof *bench.waits_us);
	measure_idle();
	import_once("first import", n, "");
	import_once("the same again", n, "");
	import_once("all changed", n, " again");
	read_once("reading what is in force", 0);
	read_once("reading what was in force", 1);
	for (int words = 1; words <= 8; words *= 2)
		search_once(words);
	store_close(bench.store);
	free(bench.waits_us);
	clean_up(dir);
	return 0;
}

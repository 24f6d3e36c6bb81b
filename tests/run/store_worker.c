/* Writes messages into a store, for tests that break the disk under it.
 *
 *	store_worker DIR N [MIN_FREE_BYTES [TEXT_BYTES]]
 *
 * prints, a line each: "open", "ack ID" for what is on disk, "full", "broken
 * WORDS".  Goes on after "full", with a pause, until it has N acks.  Exits 0
 * then, 1 when the store does not open, 70 when it is broken.
 *
 *	store_worker DIR list
 *
 * opens the store and prints "id ID" for each message. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/message.h"

#define PAUSE_US 20000

static void
broken(void *arg, const char *why)
{
	(void)arg;
	printf("broken %s\n", why);
	fflush(stdout);
	_exit(70);
}

static enum store_status
add(struct store *store, const char *text)
{
	struct store_add_message add = {
		.write.verb = &store_verb_add_message,
		.channel = "web",
		.key = "someone",
		.message = {.kind = "text", .text = text, .received_at_us = 1},
		.is_queued = true,
	};
	enum store_status status = store_call(store, &add.write);

	if (status == STORE_OK)
		printf("ack %" PRId64 "\n", add.message.id);
	else if (status == STORE_FULL)
		printf("full %s\n", add.write.err.text);
	fflush(stdout);
	return status;
}

static int
write_messages(struct store *store, long n, size_t text_bytes)
{
	char *text = mem_new(text_bytes + 1);

	memset(text, 'x', text_bytes);
	while (n > 0) {
		enum store_status status = add(store, text);
		if (status == STORE_OK)
			n--;
		else if (status == STORE_FULL)
			usleep(PAUSE_US);
		else
			break;
	}
	free(text);
	/* What is broken ends the process on the store's thread. */
	while (n > 0)
		pause();
	return 0;
}

static int
list_messages(struct store *store, struct err *err)
{
	struct arena arena = {0};
	const struct message *list;
	struct store_reader *reader = store_read_begin(store, err);

	if (!reader)
		return -1;
	long n = store_queued_messages(reader, &arena, 1, SIZE_MAX >> 1, &list,
				       err);
	for (long i = 0; i < n; i++)
		printf("id %" PRId64 "\n", list[i].id);
	store_read_end(reader);
	arena_release(&arena);
	return n < 0 ? -1 : 0;
}

static int64_t
number(int argc, char **argv, int at, int64_t fallback)
{
	return argc > at ? strtoll(argv[at], NULL, 10) : fallback;
}

int
main(int argc, char **argv)
{
	struct err err = {0};

	if (argc < 3)
		return 2;
	struct store_config config = {
		.dir = argv[1],
		.min_free_bytes = number(argc, argv, 3, 0),
		.wal_limit_bytes = 256 << 10,
		.broken = broken,
	};
	struct store *store = store_open(&config, NULL, &err);
	int result = -1;
	if (store) {
		printf("open\n");
		fflush(stdout);
		if (strcmp(argv[2], "list") == 0)
			result = list_messages(store, &err);
		else
			result = write_messages(
				store, number(argc, argv, 2, 0),
				(size_t)number(argc, argv, 4, 100));
	}
	store_close(store);
	if (result < 0)
		fprintf(stderr, "store_worker: %s\n", err.text);
	return result < 0 ? 1 : 0;
}

/* What a test asks of the test channel, and what it is told. */
#ifndef TESTS_PLUGINS_TESTCOMMAND_H
#define TESTS_PLUGINS_TESTCOMMAND_H

#include <jansson.h>
#include <stddef.h>

#include <tellerd/plugin.h>

struct question;
struct testlines;

struct channel {
	const struct teller_services *services;
	struct teller_host *host;
	struct testlines *lines;
	int record_fd;
	char answer[16]; /* to every job */
	struct question *questions;
};

/* Names of enum teller_failure, in their order; NULL ends them. */
extern const char *const command_failures[];

/* The place of a word among words; -1: none. */
int command_find_word(const char *const *words, const char *word);
/* Do what a line asks. */
void command_run(struct channel *, const char *line);
/* Forget the questions that have no answer yet. */
void command_release(struct channel *);

/* To the test; takes the object. */
void command_tell(struct channel *, json_t *object);
json_t *command_options(const struct teller_choice *, size_t n);
json_t *command_sources(const struct teller_source *, size_t n);
json_t *command_ids(const char *const *ids, size_t n);

#endif

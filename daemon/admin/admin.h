/* What tellerctl can ask, as tables: one file a noun, one row a verb.
 *
 * A command is run by the daemon, on one of its workers, or by tellerctl
 * itself when no daemon has the store; it does not see which.  Files named on
 * the command line are opened by tellerctl: a command gets their bytes, and
 * gives bytes back.  One that no daemon runs may open them itself. */
#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct arena;
struct conversation;
struct desk;
struct err;
struct generator_wish;
struct store_reader;

/* Of the bytes of an ADMIN_INPUT: the largest that a command takes is CSV. */
#define ADMIN_INPUT_MAX ((size_t)128 << 20)

enum admin_argument_type {
	ADMIN_FLAG,   /* --approve */
	ADMIN_TEXT,   /* --actor NAME, or TEXT */
	ADMIN_TEXTS,  /* the same any number of times: a list of them */
	ADMIN_NUMBER, /* --limit N */
	/* A file whose bytes the command gets; "-" or none: stdin. */
	ADMIN_INPUT,
	/* A file that the command opens itself, "-" is stdin: for one that only
	 * tellerctl runs, as it may be of any size. */
	ADMIN_PATH,
	ADMIN_OUTPUT /* a file that its bytes go to; "-" or none: stdout */
};

/* One argument.  A name in capitals stands by its place on the command line;
 * others are options, "--name". */
struct admin_argument {
	const char *name; /* NULL: end of the table */
	enum admin_argument_type type;
	bool is_required;
	const char *value; /* what the option takes, for help */
	const char *help;
};

enum admin_flags {
	ADMIN_NO_DESK = 1,	  /* needs neither state nor daemon */
	ADMIN_NEEDS_DAEMON = 2,	  /* exit 3 without one */
	ADMIN_WITHOUT_DAEMON = 4, /* only when no daemon has the store */
	ADMIN_STATE_ONLY = 8,	  /* a state directory, not an open store */
	ADMIN_DIALOGUE = 16,	  /* tellerctl repeats it, line by line */
	ADMIN_STORE = 32,	  /* about what is kept: makes no new store */
	ADMIN_PUBLIC = 64,	  /* its output is nobody's secret */
	ADMIN_GENERATES = 128,	  /* waits for the generator, on its threads */
	/* With ADMIN_NO_DESK: of a desk all the same when nothing is named that
	 * it could be about instead. */
	ADMIN_BARE_DESK = 256,
	/* What it finds may be bad: the result has `ok`, and with that false
	 * tellerctl shows it and exits with 1. */
	ADMIN_VERDICT = 512,
	/* Run without a file and --set its result has a "text", which tellerctl
	 * puts into an editor, and what comes of it is the file of the next
	 * run; with --preview nothing is changed. */
	ADMIN_EDITS = 1024,
	ADMIN_WATCH = 2048 /* tellerctl repeats it until it is ended */
};

struct admin_call {
	struct desk *desk;	 /* NULL with ADMIN_NO_DESK */
	const char *config;	 /* with ADMIN_NO_DESK: the file, or NULL */
	const char *state_dir;	 /* with ADMIN_STATE_ONLY */
	const json_t *arguments; /* by name, without "--"; checked */
	const void *input;
	size_t input_len;
	const char *actor; /* who asks: "root", "alice" */
	bool is_operator;  /* he is root, or the daemon's own user */
	/* With ADMIN_GENERATES: given up when who asks goes away. */
	struct generator_wish *wish;
	/* With ADMIN_NO_DESK: takes bytes of the output as they are made, for a
	 * command that has too many to keep them for `output`.  0, or -1, of
	 * which tellerctl knows why. */
	int (*put)(void *arg, const void *data, size_t len);
	void *put_arg;
	/* What comes back: */
	json_t *result; /* one document; never NULL when run() returned 0 */
	int output;	/* a descriptor with bytes, or -1 */
	int64_t output_len;
};

struct admin_command {
	const char *noun;
	const char *verb; /* NULL: the noun is all */
	const char *help; /* one sentence */
	int flags;	  /* enum admin_flags */
	const struct admin_argument *arguments;
	/* Any thread but the loop's.  0, or -1 and *err. */
	int (*run)(struct admin_call *, struct err *);
	/* The result for a person. */
	void (*print)(const json_t *result, FILE *);
};

/* Every command, in the order of help; the i-th, NULL behind the last. */
const struct admin_command *admin_command(size_t i);
const struct admin_command *admin_find(const char *noun, const char *verb);

/* Does it need neither state nor daemon, with these arguments? */
bool admin_is_plain(const struct admin_command *, const json_t *arguments);

/* Arguments of a call. */
const char *admin_text(const struct admin_call *, const char *name);
/* The i-th of an ADMIN_TEXTS; NULL behind the last. */
const char *admin_text_at(const struct admin_call *, const char *name,
			  size_t i);
int64_t admin_number(const struct admin_call *, const char *name,
		     int64_t fallback);
bool admin_flag(const struct admin_call *, const char *name);
/* --limit N, from 1 to most.  0, or -1 and *err. */
int admin_limit(const struct admin_call *, int64_t fallback, int64_t most,
		int64_t *limit_r, struct err *);

/* Run read() with a snapshot of the desk's store, and with an arena, both for
 * that call alone.  What it returns, or -1 and *err. */
typedef int admin_read_fn(struct admin_call *, struct store_reader *,
			  struct arena *, struct err *);
int admin_read(struct admin_call *, admin_read_fn *read, struct err *);

/* The time that an argument names; 0 without it.  0, or -1 and *err. */
int admin_date(const struct admin_call *, const char *name, int64_t *us_r,
	       struct err *);

/* What several nouns say: a time; JSON that the store keeps as a text (if it is
 * none, an empty list). */
json_t *admin_time(int64_t us);
json_t *admin_embedded(const char *text);
/* The conversation of that public id.  0, or -1 and *err: it could not be read,
 * or is not there, which the second one says. */
int admin_find_conversation(struct store_reader *, struct arena *,
			    const char *id, const struct conversation **found_r,
			    struct err *);
int admin_no_conversation(const char *id, struct err *);
/* Who the customer is, by the proof that the channel has: an object of "id" and
 * perhaps "name", or null; and a line that says so, of the result that has it
 * as "identity". */
json_t *admin_identity(const char *identity);
void admin_print_identity(const json_t *result, FILE *);
/* Its lines stand to the right of our own: it cannot pass for them. */
void admin_print_text(const char *text, FILE *);

#endif

/* The log: one line an event, on stderr, from any thread. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/* Lines below the level are dropped.  Before this call the level is info.
 * When stderr is the journal (JOURNAL_STREAM names it), a line is an entry of
 * the journal, with the fields below; one that the journal does not take goes
 * to stderr, with "<priority>" instead of a time and the level's name. */
void log_open(enum log_level level);
/* Lines go to the journal whose socket is at path; NULL: to stderr.  For
 * log_open(), and tests.  While nobody logs. */
void log_to_journal(const char *path);

/* The level of that name (error, warn, info, debug); false if none. */
bool log_level_by_name(const char *name, enum log_level *level_r);

/* What a line is about: fields of the journal, and in its text as well where
 * somebody needs it who has no journal.  Ids and names of ours, never what
 * anybody wrote.  NULL: nothing. */
struct log_about {
	const char *conversation; /* TELLERD_CONVERSATION: its public id */
	const char *channel;	  /* TELLERD_CHANNEL */
	const char *plugin;	  /* TELLERD_PLUGIN */
	const char *request;	  /* REQUEST_ID, of HTTP */
};

/* Where it is said: CODE_FILE, CODE_LINE, CODE_FUNC. */
struct log_place {
	const char *file;
	int line;
	const char *function;
};
#define LOG_HERE (&(const struct log_place){__FILE__, __LINE__, __func__})

/* One line each, written by one write(2), or one entry.  Control characters
 * are escaped and invalid UTF-8 replaced: a text from outside cannot forge a
 * line; in an entry, line breaks stay.  Customer text, tokens and keys are
 * never passed here. */
void log_at(const struct log_place *, enum log_level, const struct log_about *,
	    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#define log_error(...) log_at(LOG_HERE, LOG_LEVEL_ERROR, NULL, __VA_ARGS__)
#define log_warn(...) log_at(LOG_HERE, LOG_LEVEL_WARN, NULL, __VA_ARGS__)
#define log_info(...) log_at(LOG_HERE, LOG_LEVEL_INFO, NULL, __VA_ARGS__)
#define log_debug(...) log_at(LOG_HERE, LOG_LEVEL_DEBUG, NULL, __VA_ARGS__)

/* The same with the level as a value, and what it is about. */
#define log_line(level, about, ...) log_at(LOG_HERE, level, about, __VA_ARGS__)

#endif

/* What a desk knows at one instant: pack, index, lesson of intents and the
 * settings that decide.
 *
 * A struct knowledge never changes; a turn holds one from beginning to end. The
 * library makes a new one when the pack, the entries in force or the settings
 * change, and lets go of the old one when its last turn did. */
#ifndef DIALOG_KNOWLEDGE_H
#define DIALOG_KNOWLEDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"

struct buf;
struct err;
struct index;
struct lesson;
struct pack;
struct pack_terms;
struct settings;
struct store;

/* The settings a decision depends on. */
struct decide_settings {
	double threshold; /* from here on an answer is given */
	double floor;	  /* below it the question is out of scope */
	int n_candidates;
	int max_crashes;  /* then a message goes to a person */
	int64_t lease_ms; /* of a person's claim */
	bool keeps_hours; /* the pack's, if it has any */
};

/* Those of the settings, and the hash over all settings. */
void decide_settings_read(const struct settings *, struct decide_settings *,
			  char hash[SHA256_HEX_SIZE]);

struct knowledge {
	const struct pack *pack;
	const struct index *index;
	/* Of the same pack, and of the same entries or of some before them.
	 * NULL: intents are not guessed. */
	struct lesson *lesson;
	int64_t generation; /* of the entries in the index */
	struct decide_settings settings;
	char settings_hash[SHA256_HEX_SIZE];
};

/* Any thread, unless said otherwise. */
struct library;
struct library *library_new(struct store *, const struct settings *);
void library_free(struct library *); /* nobody holds anything of it */
/* From now on a thread of the library's learns each lesson, so that nobody
 * waits for one but who asks before the first is learnt: after an edit the last
 * lesson is kept until the new one is learnt.  Without this a lesson is learnt
 * by who asks first.  0, or -1 and *err. */
int library_start(struct library *, struct err *);

/* Read the pack in dir, import its entries and facts as pack_import() does, and
 * use it from now on.  terms and notes as there.  Waits for the store: not on
 * the loop thread while it runs.  On failure the old pack stays.  0, or -1 and
 * *err. */
int library_load_pack(struct library *, const char *dir,
		      const struct pack_terms *, struct buf *notes,
		      struct err *);
/* Use these settings from now on. */
void library_set_settings(struct library *, const struct settings *);
/* knowledge.four_eyes: who wrote a version does not approve it. */
bool library_four_eyes(struct library *);
/* Build the index anew if the entries in force have changed, and begin a new
 * lesson of them.  As long as the index takes; not on the loop thread.  0, or
 * -1 and *err. */
int library_refresh(struct library *, struct err *);
/* The same for who has just stored what he filled in with the facts of `was`:
 * if another pack is in use by now, that gets its facts. */
int library_refresh_after(struct library *, const struct knowledge *was,
			  struct err *);

/* The present one; give it back with knowledge_put().  NULL before the first
 * pack is loaded. */
const struct knowledge *library_get(struct library *);
void knowledge_put(const struct knowledge *);

/* What a desk with that pack alone knows, every entry of it in force; without a
 * store.  Freed by knowledge_put().  NULL and *err. */
const struct knowledge *
knowledge_of_pack(const char *dir, const struct settings *, struct err *);

struct generations {
	int64_t entries, lesson;
};

/* What was known at these generations, for replay: with that pack (its
 * canonical bytes) and settings.  Freed by knowledge_put().  NULL and *err. */
const struct knowledge *knowledge_as_of(struct store *, struct generations,
					const void *pack, size_t pack_len,
					const struct decide_settings *,
					const char *settings_hash,
					struct err *);

#endif

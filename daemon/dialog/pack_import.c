#include "dialog/pack_import.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "faq/import.h"
#include "nlu/pack.h"
#include "store/state.h"

#define LINE_MAX_BYTES 1024
#define OWNER "tellerd"
/* Of the pack that was imported last. */
#define HASH_KEY "pack"
#define NAME_KEY "pack.name"

/* NULL in both: none was imported.  A store may have no name. */
struct last_pack {
	const char *hash, *name;
};

/* *text_r, NULL: there is none.  0, or -1 and *err. */
static int
kept_text(struct store_reader *reader, struct arena *arena, const char *key,
	  const char **text_r, struct err *err)
{
	const struct plugin_state *kept;
	int found = store_get_state(reader, arena, OWNER, key, time_now_us(),
				    &kept, err);
	*text_r = found > 0 ? arena_strndup(arena, kept->value, kept->value_len)
			    : NULL;
	return found < 0 ? -1 : 0;
}

static int
read_last_pack(struct store *store, struct arena *arena, struct last_pack *last,
	       struct err *err)
{
	struct store_reader *reader = store_read_begin(store, err);
	if (!reader)
		return -1;
	int rc = kept_text(reader, arena, HASH_KEY, &last->hash, err);
	if (!rc)
		rc = kept_text(reader, arena, NAME_KEY, &last->name, err);
	store_read_end(reader);
	return rc;
}

static int
remember(struct store *store, const struct pack *pack, struct err *err)
{
	struct plugin_state states[] = {
		{.key = HASH_KEY,
		 .value = pack->hash,
		 .value_len = strlen(pack->hash)},
		{.key = NAME_KEY,
		 .value = pack->name,
		 .value_len = strlen(pack->name)},
	};
	struct store_put_state put = {
		.write.verb = &store_verb_put_state,
		.plugin = OWNER,
		.states = states,
		.n_states = sizeof(states) / sizeof(*states),
	};
	if (store_call(store, &put.write) == STORE_OK)
		return 0;
	return err_set(err, "%s", put.write.err.text);
}

/* One line, to the log and, if there are any, to the notes. */
static void tell(struct buf *notes, bool is_warning, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void
tell(struct buf *notes, bool is_warning, const char *fmt, ...)
{
	struct buf line;
	va_list args;

	buf_init(&line, LINE_MAX_BYTES);
	va_start(args, fmt);
	buf_addv(&line, fmt, args);
	va_end(args);
	if (is_warning)
		log_warn("%s", buf_str(&line));
	else
		log_info("%s", buf_str(&line));
	if (notes)
		buf_addf(notes, "%s\n", buf_str(&line));
	buf_release(&line);
}

static void
tell_kept(const struct pack *pack, const struct import_result *result,
	  struct buf *notes)
{
	const struct import_names *kept = &result->conflict_names;
	const struct import_names *unfilled = &result->unfilled;

	for (size_t i = 0; i < kept->n; i++)
		tell(notes, true,
		     "pack %s: entry %s was edited here and also changed in "
		     "the pack; the edited one stays",
		     pack->name, kept->list[i]);
	if (result->conflicts > (long)kept->n)
		tell(notes, true, "pack %s: so stay %ld other edited ones",
		     pack->name, result->conflicts - (long)kept->n);
	if (unfilled->n)
		tell(notes, true,
		     "pack %s: entry %s%s needs a fact that facts.yaml does "
		     "not have, and stays as it was; 'tellerctl faq lint' "
		     "says which",
		     pack->name, unfilled->list[0],
		     unfilled->n > 1 ? ", as others do," : "");
}

static void
tell_result(const struct pack *pack, const struct import_result *result,
	    bool as_drafts, struct buf *notes)
{
	long n = result->added + result->changed + result->refilled;

	if (n + result->retired > 0)
		tell(notes, false,
		     "pack %s: %ld entries new, %ld changed, %ld with other "
		     "facts alone, %ld retired, %ld as they were",
		     pack->name, result->added, result->changed,
		     result->refilled, result->retired, result->same);
	if (as_drafts && n > 0)
		tell(notes, true,
		     "pack %s: %ld of them wait as drafts, and customers get "
		     "what they got before, until somebody approves them: "
		     "'tellerctl faq approve --from pack:%s'",
		     pack->name, n, pack->name);
}

/* The bytes that the pack's hash covers, not what the disk has by now. */
int
pack_read_entries(struct faq_file *file, const struct pack *pack,
		  template_value_fn *value, const void *arg, struct err *err)
{
	struct arena arena = {0};
	struct faq_text *texts =
		arena_array(&arena, pack->n_faq_files, sizeof(*texts));
	for (size_t i = 0; i < pack->n_faq_files; i++) {
		texts[i].name = pack->faq_files[i];
		texts[i].text =
			pack_file(pack, pack->faq_files[i], &texts[i].len);
	}
	int rc = faq_read_pack(file, texts, pack->n_faq_files, value, arg, err);
	arena_release(&arena);
	return rc;
}

int
pack_check_entries(const struct pack *pack, struct err *err)
{
	struct faq_file file = {0};
	int rc = pack_read_entries(&file, pack, facts_value, &pack->facts, err);
	faq_file_release(&file);
	return rc;
}

/* file NULL: only the facts. */
static int
bring(struct store *store, const struct pack *pack,
      const struct pack_terms *terms, const struct faq_file *file,
      struct import_result *result, struct err *err)
{
	struct arena arena = {0};
	struct faq_pack entries = {
		.origin =
			arena_printf(&arena, FAQ_ORIGIN_PACK "%s", pack->name),
		.state = terms->as_drafts ? "draft" : "approved",
		.actor = "pack",
		.file = file,
		.value = facts_value,
		.facts = &pack->facts,
		.working = terms->working,
		.working_arg = terms->working_arg,
	};
	int rc = faq_import_pack(store, &entries, result, err);
	arena_release(&arena);
	return rc;
}

static int
import_from(struct store *store, const struct pack *pack,
	    const struct pack_terms *terms, const struct last_pack *last,
	    struct buf *notes, struct err *err)
{
	bool is_known = last->hash && strcmp(last->hash, pack->hash) == 0;
	struct faq_file file = {0};
	struct import_result result = {0};
	if (!is_known &&
	    pack_read_entries(&file, pack, facts_value, &pack->facts, err))
		return -1;
	int rc = bring(store, pack, terms, is_known ? NULL : &file, &result,
		       err);
	if (!rc) {
		tell_result(pack, &result, terms->as_drafts, notes);
		tell_kept(pack, &result, notes);
	}
	if (!rc && (!is_known || !last->name))
		rc = remember(store, pack, err);
	import_result_release(&result);
	faq_file_release(&file);
	return rc;
}

/* A store whose last pack has no name may have any. */
static bool
is_other(const struct pack *pack, const struct last_pack *last)
{
	if (!last->hash || strcmp(last->hash, pack->hash) == 0)
		return false;
	return !last->name || strcmp(last->name, pack->name) != 0;
}

int
pack_import(struct store *store, const struct pack *pack,
	    const struct pack_terms *terms, struct buf *notes, struct err *err)
{
	struct arena arena = {0};
	struct last_pack last = {0};
	int rc = read_last_pack(store, &arena, &last, err);
	bool is_change = is_other(pack, &last);
	if (!rc && is_change && !terms->may_replace) {
		tell(notes, true,
		     "the entries here are those of pack %s, and these "
		     "settings have pack %s: --config names the settings of "
		     "that desk",
		     last.name ? last.name : "another", pack->name);
	} else if (!rc) {
		if (is_change && last.name)
			tell(notes, false, "pack %s takes the place of pack %s",
			     pack->name, last.name);
		rc = import_from(store, pack, terms, &last, notes, err);
	}
	arena_release(&arena);
	return rc;
}

int
pack_follow(struct store *store, const struct pack *pack, bool as_drafts,
	    struct buf *notes, struct err *err)
{
	const struct pack_terms terms = {.as_drafts = as_drafts};
	struct import_result result = {0};
	int rc = bring(store, pack, &terms, NULL, &result, err);
	if (!rc)
		tell_result(pack, &result, as_drafts, notes);
	import_result_release(&result);
	return rc;
}

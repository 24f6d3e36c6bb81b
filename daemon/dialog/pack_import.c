#include "dialog/pack_import.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "faq/import.h"
#include "nlu/pack.h"
#include "store/state.h"

#define OWNER "tellerd"
#define PACK_KEY "pack" /* hash of the pack that was imported last */

static bool
is_imported(struct store *store, const struct pack *pack)
{
	struct store_reader *reader = store_read_begin(store, NULL);
	if (!reader)
		return false;
	struct arena arena = {0};
	const struct plugin_state *kept = store_get_state(
		reader, &arena, OWNER, PACK_KEY, time_now_us(), NULL);
	size_t len = strlen(pack->hash);
	bool is_same = kept && kept->value_len == len &&
		       memcmp(kept->value, pack->hash, len) == 0;
	store_read_end(reader);
	arena_release(&arena);
	return is_same;
}

static int
remember(struct store *store, const struct pack *pack, struct err *err)
{
	struct plugin_state state = {
		.key = PACK_KEY,
		.value = pack->hash,
		.value_len = strlen(pack->hash),
	};
	struct store_put_state put = {
		.write.verb = &store_verb_put_state,
		.plugin = OWNER,
		.states = &state,
		.n_states = 1,
	};
	if (store_call(store, &put.write) == STORE_OK)
		return 0;
	return err_set(err, "%s", put.write.err.text);
}

static void
log_result(const struct pack *pack, const struct import_result *result,
	   bool as_drafts)
{
	log_info("pack %s: %ld entries new, %ld changed, %ld as they were, "
		 "%ld retired",
		 pack->name, result->added, result->changed, result->same,
		 result->retired);
	if (as_drafts && result->added + result->changed)
		log_warn("pack %s: what is new or changed are drafts until "
			 "somebody approves them: 'tellerctl faq approve "
			 "--from pack:%s'",
			 pack->name, pack->name);
	for (size_t i = 0; i < result->n_conflict_names; i++)
		log_warn("pack %s: entry %s was edited here and also changed "
			 "in the pack; the edited one stays",
			 pack->name, result->conflict_names[i]);
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

int
pack_import(struct store *store, const struct pack *pack, bool as_drafts,
	    struct err *err)
{
	if (is_imported(store, pack))
		return 0;
	struct faq_file file = {0};
	struct arena arena = {0};
	if (pack_read_entries(&file, pack, facts_value, &pack->facts, err))
		return -1;
	struct import_result result = {0};
	int rc = faq_import(
		store, &file, arena_printf(&arena, "pack:%s", pack->name),
		as_drafts ? "draft" : "approved", true, "pack", &result, err);
	if (!rc) {
		log_result(pack, &result, as_drafts);
		rc = remember(store, pack, err);
	}
	import_result_release(&result);
	faq_file_release(&file);
	arena_release(&arena);
	return rc;
}

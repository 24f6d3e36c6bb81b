/* The entries of a desk, as a file.  On a worker. */
#include <string.h>

#include "base/err.h"
#include "faq/entry.h"
#include "faq/lint.h"

struct keeping {
	struct faq_file *file;
	size_t room;
};

static struct faq_version
copy_of(struct arena *arena, const struct faq_version *version)
{
	const char **variants =
		arena_array(arena, version->n_variants + 1, sizeof *variants);

	for (size_t i = 0; i < version->n_variants; i++)
		variants[i] = arena_strdup(arena, version->variants[i]);
	return (struct faq_version){
		.name = arena_strdup(arena, version->name),
		.version = version->version,
		.question = arena_strdup(arena, version->question),
		.variants = variants,
		.n_variants = version->n_variants,
		.answer = arena_strdup(arena, version->answer),
		.source = arena_strdup(arena, version->source),
		.language = arena_strdup(arena, version->language),
		.intent = arena_strdup(arena, version->intent),
		.tags = arena_strdup(arena, version->tags),
		.is_verbatim = version->is_verbatim,
		.valid_from_us = version->valid_from_us,
		.valid_to_us = version->valid_to_us,
	};
}

static int
keep(void *arg, const struct faq_version *version, struct err *err)
{
	struct keeping *keeping = arg;
	struct faq_file *file = keeping->file;

	if (faq_file_grow(file, &keeping->room) < 0)
		return err_set(err, "out of memory");
	file->places[file->n] = (struct faq_place){
		.file = arena_printf(&file->arena, "%s@%d", version->name,
				     version->version),
		.variants = arena_array(&file->arena, version->n_variants + 1,
					sizeof(int)),
	};
	file->entries[file->n++] = copy_of(&file->arena, version);
	return 0;
}

int
faq_read_live(struct faq_file *file, struct store *store, struct err *err)
{
	struct keeping keeping = {.file = file};
	struct store_reader *reader = store_read_begin(store, err);

	*file = (struct faq_file){0};
	if (!reader)
		return -1;
	int ret = store_each_in_force(reader, 0, keep, &keeping, err);
	store_read_end(reader);
	if (ret < 0)
		faq_file_release(file);
	return ret;
}

/* The entries of a desk, as a file.  On a worker. */
#include <string.h>

#include "base/err.h"
#include "faq/entry.h"
#include "faq/lint.h"

struct keeping {
	struct faq_file *file;
	size_t room;
};

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
	file->entries[file->n++] = entry_copy(&file->arena, version);
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

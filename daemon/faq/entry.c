/* Entries of files, gathered.  Any thread; an entry_reader belongs to one. */
#include "faq/entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define SCRATCH_MAX ((size_t)1 << 20)

static const char *
no_value(const void *facts, const char *name, size_t len)
{
	(void)facts;
	(void)name;
	(void)len;
	return NULL;
}

void
entry_reader_init(struct entry_reader *reader, struct faq_file *file,
		  template_value_fn *value, const void *facts)
{
	*file = (struct faq_file){0};
	*reader = (struct entry_reader){
		.file = file,
		.value = value ? value : no_value,
		.facts = facts,
	};
	buf_init(&reader->scratch, SCRATCH_MAX);
}

int
entry_reader_end(struct entry_reader *reader, int result)
{
	map_release(&reader->places);
	map_release(&reader->files);
	buf_release(&reader->scratch);
	if (result < 0)
		faq_file_release(reader->file);
	return result;
}

void
faq_file_release(struct faq_file *file)
{
	free(file->entries);
	free(file->places);
	arena_release(&file->arena);
	*file = (struct faq_file){0};
}

static void
add_hashed(struct buf *out, const char *text)
{
	buf_addf(out, "%zu:%s,", strlen(text), text);
}

/* Each text behind its length, so that no two entries are the same bytes. */
void
entry_hash(const struct faq_version *entry, char out[SHA256_HEX_SIZE])
{
	struct buf bytes;

	buf_init(&bytes, (size_t)16 << 20);
	add_hashed(&bytes, entry->question);
	buf_addf(&bytes, "%zu;", entry->n_variants);
	for (size_t i = 0; i < entry->n_variants; i++)
		add_hashed(&bytes, entry->variants[i]);
	add_hashed(&bytes, entry->answer);
	add_hashed(&bytes, entry->source);
	add_hashed(&bytes, entry->language);
	add_hashed(&bytes, entry->intent);
	add_hashed(&bytes, entry->tags);
	buf_addf(&bytes, "%d;%lld;%lld", entry->is_verbatim,
		 (long long)entry->valid_from_us,
		 (long long)entry->valid_to_us);
	crypto_sha256_hex(buf_str(&bytes), bytes.len, out);
	buf_release(&bytes);
}

void
entry_words_hash(const struct faq_version *entry, char out[SHA256_HEX_SIZE])
{
	struct faq_version words = *entry;

	words.answer = words.source;
	entry_hash(&words, out);
}

struct faq_version
entry_copy(struct arena *arena, const struct faq_version *version)
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
		.origin = arena_strdup(arena, version->origin),
		.author = arena_strdup(arena, version->author),
	};
}

int
faq_file_grow(struct faq_file *file, size_t *room)
{
	if (file->n < *room)
		return 0;
	size_t more = *room ? 2 * *room : 64;
	void *entries =
		mem_array_grow(file->entries, more, sizeof *file->entries);
	if (entries)
		file->entries = entries;
	void *places = mem_array_grow(file->places, more, sizeof *file->places);
	if (places)
		file->places = places;
	if (!entries || !places)
		return -1;
	*room = more;
	return 0;
}

static int
grow(struct entry_reader *reader, const struct entry_draft *draft,
     struct err *err)
{
	struct faq_file *file = reader->file;

	if (file->n == FAQ_ENTRIES_MAX)
		return err_set(err,
			       "%s:%d: more than %d entries: split the file",
			       draft->file, draft->line, FAQ_ENTRIES_MAX);
	if (faq_file_grow(file, &reader->room) < 0)
		return err_set(err, "%s: out of memory", draft->file);
	return 0;
}

/* Its file was kept when its name was claimed. */
static struct faq_place
place_of(struct entry_reader *reader, const struct entry_draft *draft)
{
	int *variants = arena_array(&reader->file->arena,
				    draft->n_paraphrases + 1, sizeof *variants);

	for (size_t i = 0; i < draft->n_paraphrases; i++)
		variants[i] = draft->paraphrases[i].line;
	return (struct faq_place){
		.file = map_get(&reader->files, draft->file),
		.line = draft->line,
		.question = draft->fields[ENTRY_QUESTION].line,
		.answer = draft->fields[ENTRY_ANSWER].line,
		.variants = variants,
		.is_language_assumed = !draft->fields[ENTRY_LANGUAGE].text,
	};
}

int
entry_reader_add(struct entry_reader *reader, const struct entry_draft *draft,
		 struct err *err)
{
	struct faq_version entry = {.origin = "", .state = ""};
	char hash[SHA256_HEX_SIZE];

	if (grow(reader, draft, err) < 0 ||
	    entry_check(reader, draft, &entry, err) < 0)
		return -1;
	entry_hash(&entry, hash);
	entry.origin_hash = arena_strdup(&reader->file->arena, hash);
	entry.author = entry.approver = "";
	reader->file->places[reader->file->n] = place_of(reader, draft);
	reader->file->entries[reader->file->n++] = entry;
	return 0;
}

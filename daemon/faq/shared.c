#include "faq/shared.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "faq/import.h"
#include "faq/index_parts.h"

/* A question or paraphrase of the file. */
struct asked {
	uint64_t words;
	const char *text;
	size_t at;	   /* in the order of the file */
	size_t entry;	   /* of the file */
	const char *other; /* who has it, too; NULL: nobody */
};

struct sharing {
	const struct faq_file *file;
	struct asked *list; /* by words */
	size_t n;
	struct map places; /* by name: the entry of the file */
	struct tokens tokens;
};

static void
add(struct sharing *s, const char *text, size_t entry, const char *language)
{
	if (tokens_split(&s->tokens, text, strlen(text), language) < 0)
		mem_exhausted();
	if (s->tokens.n == 0)
		return;
	s->list[s->n] = (struct asked){
		.words = index_hash_words(&s->tokens),
		.text = text,
		.at = s->n,
		.entry = entry,
	};
	s->n++;
}

static int
compare_words(const void *a, const void *b)
{
	const struct asked *x = a, *y = b;

	return (x->words > y->words) - (x->words < y->words);
}

static int
compare_places(const void *a, const void *b)
{
	const struct asked *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static void
read_questions(struct sharing *s, const char *language)
{
	size_t room = 0;

	for (size_t i = 0; i < s->file->n; i++)
		room += 1 + s->file->entries[i].n_variants;
	s->list = mem_array(room, sizeof *s->list);
	if (!s->list)
		mem_exhausted();
	for (size_t i = 0; i < s->file->n; i++) {
		struct faq_version *entry = &s->file->entries[i];
		map_put(&s->places, entry->name, entry);
		add(s, entry->question, i, language);
		for (size_t j = 0; j < entry->n_variants; j++)
			add(s, entry->variants[j], i, language);
	}
	qsort(s->list, s->n, sizeof *s->list, compare_words);
}

/* Of two of the file the later one says so. */
static bool
is_other(const struct sharing *s, size_t entry, const char *name)
{
	const struct faq_version *own = map_get(&s->places, name);

	return !own || own < &s->file->entries[entry];
}

static void
look_at(struct sharing *s, uint64_t words, const char *name)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (s->list[middle].words < words)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < s->n && s->list[low].words == words; low++)
		if (!s->list[low].other &&
		    is_other(s, s->list[low].entry, name))
			s->list[low].other = name;
}

void
faq_find_shared(const struct faq_file *file, const struct index *index,
		int64_t now_us, struct shared_questions *out)
{
	struct sharing s = {.file = file};

	*out = (struct shared_questions){0};
	tokens_init(&s.tokens);
	read_questions(&s, index->language);
	for (uint32_t e = 0; e < index->n_entries; e++) {
		const struct index_entry *entry = &index->entries[e];
		if (!index_entry_is_valid(entry, now_us))
			continue;
		for (uint32_t i = index->first_phrase[e];
		     i < index->first_phrase[e + 1]; i++)
			look_at(&s, index->phrases[i].words, entry->name);
	}
	qsort(s.list, s.n, sizeof *s.list, compare_places);
	for (size_t i = 0; i < s.n; i++) {
		if (!s.list[i].other)
			continue;
		if (out->n < SHARED_QUESTIONS_KEPT)
			out->list[out->n++] = (struct shared_question){
				.question = s.list[i].text,
				.name = file->entries[s.list[i].entry].name,
				.other = s.list[i].other,
			};
		out->total++;
	}
	free(s.list);
	map_release(&s.places);
	tokens_release(&s.tokens);
}

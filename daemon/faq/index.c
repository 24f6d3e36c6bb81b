#include "faq/index.h"

#include <stdlib.h>

#include "faq/index_parts.h"

void
index_free(struct index *index)
{
	if (!index)
		return;
	dictionary_release(&index->terms);
	dictionary_release(&index->words);
	arena_release(&index->arena);
	free(index->word_terms);
	free(index->entries);
	free(index->postings);
	free(index->posted);
	free(index->impacts);
	free(index->phrases);
	free(index->first_phrase);
	free(index->phrase_terms);
	free(index);
}

size_t
index_count(const struct index *index)
{
	return index->n_entries;
}

size_t
index_bytes(const struct index *index)
{
	return index->bytes;
}

const struct index_entry *
index_entry(const struct index *index, uint32_t i)
{
	return &index->entries[i];
}

bool
index_entry_is_valid(const struct index_entry *entry, int64_t now_us)
{
	return entry->valid_from_us <= now_us &&
	       (entry->valid_to_us == 0 || now_us < entry->valid_to_us);
}

uint64_t
index_hash_words(const struct tokens *tokens)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < tokens->n; i++) {
		const char *word = token_word(tokens, i);
		do
			hash = (hash ^ (unsigned char)*word) * 1099511628211u;
		while (*word++);
	}
	return hash;
}

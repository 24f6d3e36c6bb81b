#include "faq/index.h"

#include <stdlib.h>

#include "faq/index_parts.h"

void
index_free(struct index *index)
{
	if (!index)
		return;
	dictionary_release(&index->dictionary);
	arena_release(&index->arena);
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

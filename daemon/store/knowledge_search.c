/* Searching knowledge by hand, and what was in force.  On whichever thread has
 * the reader. */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "store/knowledge_read.h"

#define WORDS_MAX 32
#define EXPRESSION_MAX 4096 /* bytes; longer queries are cut */

static size_t
next_word(const char **at)
{
	const char *end;

	while (isspace((unsigned char)**at))
		(*at)++;
	for (end = *at; *end && !isspace((unsigned char)*end);)
		end++;
	return (size_t)(end - *at);
}

/* A word in quotes means nothing but itself: what FTS5 calls a string. */
static void
add_quoted(struct buf *out, const char *word, size_t len)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '"')
			buf_addc(out, '"');
		buf_addc(out, word[i]);
	}
	buf_addc(out, '"');
}

/* The words joined; the last one may be the beginning of one.  How many. */
static size_t
write_expression(struct buf *out, const char *words, const char *joint)
{
	size_t n = 0, len;

	for (; n < WORDS_MAX && (len = next_word(&words)) > 0; words += len) {
		size_t before = out->len;
		if (n > 0)
			buf_adds(out, joint);
		add_quoted(out, words, len);
		if (out->len + 1 >= EXPRESSION_MAX) {
			buf_cut(out, before);
			break;
		}
		n++;
	}
	if (n > 0)
		buf_addc(out, '*');
	return n;
}

/* Weights: question, paraphrases, answer, tags. */
#define RANK "bm25(faq_search, 4.0, 3.0, 1.0, 2.0)"

static long
search(struct store_reader *reader, struct arena *arena, const char *expression,
       int64_t generation, bool is_in_force, size_t limit,
       const struct faq_version **list_r, struct err *err)
{
	struct query q;

	if (is_in_force)
		query_begin(&q, &reader->db,
			    "SELECT v.id FROM faq_search"
			    " CROSS JOIN faq_version v"
			    " ON v.id = faq_search.rowid"
			    " LEFT JOIN import r ON r.id = v.retired_import_id"
			    " WHERE faq_search MATCH ?2"
			    " AND v.id = " NEWEST_APPROVED(
				    "v.faq_id",
				    "?1") " AND " NOT_RETIRED("?1") " ORDER "
								    "BY " RANK
								    ", v.id "
								    "LIMIT ?3");
	else
		query_begin(&q, &reader->db,
			    "SELECT v.id FROM faq_search"
			    " CROSS JOIN faq_version v"
			    " ON v.id = faq_search.rowid"
			    " WHERE faq_search MATCH ?2"
			    " AND v.id = " NEWEST_VERSION(
				    "v.faq_id", "?1", "") " ORDER BY " RANK
							  ", v.id LIMIT ?3");
	query_bind_int(&q, generation);
	query_bind_text(&q, expression);
	query_bind_int(&q, (int64_t)limit);
	return knowledge_load_all(reader, arena, &q, generation, limit, list_r,
				  err);
}

long
store_search_versions(struct store_reader *reader, struct arena *arena,
		      const char *words, int64_t at_us, size_t limit,
		      const struct faq_version **list_r, struct err *err)
{
	static const char *const joints[] = {" ", " OR "};
	struct buf expression;
	int64_t generation;
	long n = 0;

	if (at_us ? store_generation_at(reader, at_us, &generation, err) < 0
		  : store_generation(reader, &generation, err) < 0)
		return -1;
	*list_r = NULL;
	buf_init(&expression, (size_t)2 * EXPRESSION_MAX);
	for (size_t i = 0; i < 2 && n == 0; i++) {
		buf_clear(&expression);
		if (write_expression(&expression, words, joints[i]) == 0)
			break;
		n = search(reader, arena, buf_str(&expression), generation,
			   at_us != 0, limit, list_r, err);
	}
	buf_release(&expression);
	return n;
}

int
store_get_in_force(struct store_reader *reader, struct arena *arena,
		   const char *name, int64_t generation,
		   const struct faq_version **found_r, struct err *err)
{
	struct query q;

	*found_r = NULL;
	if (knowledge_resolve(reader, &generation, err) < 0)
		return -1;
	query_begin(&q, &reader->db,
		    "SELECT v.id FROM faq f CROSS JOIN faq_version v"
		    " ON v.id = " NEWEST_APPROVED(
			    "f.id",
			    "?1") " LEFT JOIN import r ON r.id = "
				  "v.retired_import_id"
				  " WHERE f.name = ?2 AND " NOT_RETIRED("?1"));
	query_bind_int(&q, generation);
	query_bind_text(&q, name);
	return knowledge_load_one(reader, arena, &q, generation, found_r, err);
}

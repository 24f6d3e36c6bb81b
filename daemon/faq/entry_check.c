/* Checking the texts of an entry.  Any thread. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/time.h"
#include "base/utf8.h"
#include "faq/entry.h"

#define DAY_US INT64_C(86400000000)
#define SHOWN_MAX 60 /* bytes of a text that a message quotes */

/* Where an entry stands. */
struct place {
	const char *file;
	int line;
};

static int refuse(const struct entry_draft *, const struct entry_text *,
		  struct err *, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static int
refuse(const struct entry_draft *draft, const struct entry_text *where,
       struct err *err, const char *fmt, ...)
{
	int line = where && where->line ? where->line : draft->line;
	struct err words;
	va_list args;

	va_start(args, fmt);
	vsnprintf(words.text, sizeof words.text, fmt, args);
	va_end(args);
	return err_set(err, "%s:%d: %s", draft->file, line, words.text);
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* One line: white space as single blanks, none at the ends. */
static char *
copy_line(struct entry_reader *reader, const char *text)
{
	struct buf *out = &reader->scratch;
	bool is_due = false;

	buf_clear(out);
	for (; *text; text++) {
		if (is_space(*text)) {
			is_due = out->len > 0;
			continue;
		}
		if (is_due)
			buf_addc(out, ' ');
		is_due = false;
		buf_addc(out, *text);
	}
	return arena_strdup(&reader->file->arena, buf_str(out));
}

/* Many lines: each ends with LF, no empty ones at the ends, no white space
 * behind the last. */
static char *
copy_lines(struct entry_reader *reader, const char *text)
{
	struct buf *out = &reader->scratch;
	const char *line = text;

	buf_clear(out);
	for (; is_space(*text); text++)
		if (*text == '\n' || *text == '\r')
			line = text + 1;
	for (text = line; *text; text++) {
		if (*text != '\r')
			buf_addc(out, *text);
		else if (text[1] != '\n')
			buf_addc(out, '\n');
	}
	while (out->len > 0 && is_space(out->data[out->len - 1]))
		buf_cut(out, out->len - 1);
	return arena_strdup(&reader->file->arena, buf_str(out));
}

/* A question with a fact would change with it, and with it what it means. */
static int
check_plain(const struct entry_draft *draft, const struct entry_text *where,
	    const char *text, struct err *err)
{
	if (!strstr(text, "{{"))
		return 0;
	return refuse(draft, where, err,
		      "'{{' stands in a question: facts are filled in answers "
		      "only");
}

static int
check_length(const struct entry_draft *draft, const struct entry_text *where,
	     const char *what, const char *text, size_t max, struct err *err)
{
	size_t n = utf8_count(text, strlen(text));

	if (n == 0)
		return refuse(draft, where, err, "%s is missing", what);
	if (n > max)
		return refuse(draft, where, err,
			      "%s has %zu characters, %zu are allowed", what, n,
			      max);
	return 0;
}

static const char *
field(const struct entry_draft *draft, enum entry_field id)
{
	return draft->fields[id].text ? draft->fields[id].text : "";
}

/* The name stands nowhere else; it is the entry's from now on. */
static int
claim_name(struct entry_reader *reader, const struct entry_draft *draft,
	   const char *name, bool is_made, struct err *err)
{
	const struct place *before = map_get(&reader->places, name);
	struct arena *arena = &reader->file->arena;

	if (before && is_made)
		return refuse(draft, &draft->fields[ENTRY_QUESTION], err,
			      "the question is that of %s:%d: make one entry "
			      "of both, or give this one an id",
			      before->file, before->line);
	if (before)
		return refuse(draft, &draft->fields[ENTRY_ID], err,
			      "the id '%s' stands in %s:%d already", name,
			      before->file, before->line);
	char *file = map_get(&reader->files, draft->file);
	if (!file) {
		file = arena_strdup(arena, draft->file);
		map_put(&reader->files, draft->file, file);
	}
	struct place *place = arena_new(arena, sizeof *place);
	*place = (struct place){file, draft->line};
	map_put(&reader->places, name, place);
	return 0;
}

static int
set_name(struct entry_reader *reader, const struct entry_draft *draft,
	 struct faq_version *entry, struct err *err)
{
	const struct entry_text *id = &draft->fields[ENTRY_ID];
	char *name = copy_line(reader, field(draft, ENTRY_ID));
	char made[KNOWLEDGE_NAME_MAX + 1];
	bool is_made = !name[0];

	if (is_made) {
		entry_name(entry->question, made);
		name = arena_strdup(&reader->file->arena, made);
	}
	if (!store_is_entry_name(name))
		return refuse(draft, id, err,
			      "the id '%.*s' is not 1 to %d letters (a-z), "
			      "digits, '-', '.' or '_'",
			      (int)utf8_cut(name, strlen(name), SHOWN_MAX),
			      name, KNOWLEDGE_NAME_MAX);
	entry->name = name;
	return claim_name(reader, draft, name, is_made, err);
}

static int
set_question(struct entry_reader *reader, const struct entry_draft *draft,
	     struct faq_version *entry, struct err *err)
{
	const struct entry_text *where = &draft->fields[ENTRY_QUESTION];

	entry->question = copy_line(reader, field(draft, ENTRY_QUESTION));
	if (check_plain(draft, where, entry->question, err) < 0)
		return -1;
	return check_length(draft, where, "the question", entry->question,
			    FAQ_QUESTION_MAX, err);
}

static int
set_answer(struct entry_reader *reader, const struct entry_draft *draft,
	   struct faq_version *entry, struct err *err)
{
	const struct entry_text *where = &draft->fields[ENTRY_ANSWER];
	struct buf *filled = &reader->scratch;
	struct err words;

	entry->source = copy_lines(reader, field(draft, ENTRY_ANSWER));
	entry->answer = entry->source;
	if (check_length(draft, where, "the answer", entry->source,
			 FAQ_ANSWER_MAX, err) < 0)
		return -1;
	if (!strstr(entry->source, "{{"))
		return 0;
	buf_clear(filled);
	if (template_fill(filled, entry->source, reader->value, reader->facts,
			  &words) < 0)
		return refuse(draft, where, err, "in the answer of '%s', %s",
			      entry->name, words.text);
	entry->answer = arena_strdup(&reader->file->arena, buf_str(filled));
	return check_length(draft, where, "the answer with its facts",
			    entry->answer, FAQ_ANSWER_MAX, err);
}

static int
set_paraphrases(struct entry_reader *reader, const struct entry_draft *draft,
		struct faq_version *entry, struct err *err)
{
	const struct entry_text *text = draft->paraphrases;
	const char **variants = arena_array(
		&reader->file->arena, draft->n_paraphrases, sizeof *variants);

	if (draft->n_paraphrases > FAQ_PARAPHRASES_MAX)
		return refuse(draft, text, err,
			      "%zu paraphrases, %d are allowed",
			      draft->n_paraphrases, FAQ_PARAPHRASES_MAX);
	for (size_t i = 0; i < draft->n_paraphrases; i++, text++) {
		variants[i] = copy_line(reader, text->text);
		if (check_length(draft, text, "a paraphrase", variants[i],
				 FAQ_QUESTION_MAX, err) < 0 ||
		    check_plain(draft, text, variants[i], err) < 0)
			return -1;
	}
	entry->variants = variants;
	entry->n_variants = draft->n_paraphrases;
	return 0;
}

/* Tags are kept as one text, parted by commas. */
static int
set_tags(struct entry_reader *reader, const struct entry_draft *draft,
	 struct faq_version *entry, struct err *err)
{
	const struct entry_text *text = draft->tags;
	char *tags = arena_strdup(&reader->file->arena, "");

	if (draft->n_tags > FAQ_TAGS_MAX)
		return refuse(draft, text, err, "%zu tags, %d are allowed",
			      draft->n_tags, FAQ_TAGS_MAX);
	for (size_t i = 0; i < draft->n_tags; i++, text++) {
		const char *tag = copy_line(reader, text->text);
		if (check_length(draft, text, "a tag", tag, FAQ_TAG_MAX, err) <
		    0)
			return -1;
		if (strchr(tag, ','))
			return refuse(draft, text, err,
				      "the tag '%s' holds a comma: make two "
				      "of it",
				      tag);
		tags = arena_printf(&reader->file->arena, "%s%s%s", tags,
				    i ? "," : "", tag);
	}
	entry->tags = tags;
	return 0;
}

static bool
is_language(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t first = strspn(text, letters), len = strlen(text);

	return first >= 2 && first <= 3 && len <= 16 &&
	       (len == first || text[first] == '-') && text[len - 1] != '-' &&
	       store_is_entry_name(text) && !strpbrk(text, "._");
}

static int
set_words(struct entry_reader *reader, const struct entry_draft *draft,
	  struct faq_version *entry, struct err *err)
{
	const char *intent = copy_line(reader, field(draft, ENTRY_INTENT));
	const char *language = copy_line(reader, field(draft, ENTRY_LANGUAGE));

	if (intent[0] && !store_is_entry_name(intent))
		return refuse(draft, &draft->fields[ENTRY_INTENT], err,
			      "the intent '%.*s' is no name of one",
			      (int)utf8_cut(intent, strlen(intent), SHOWN_MAX),
			      intent);
	if (language[0] && !is_language(language))
		return refuse(
			draft, &draft->fields[ENTRY_LANGUAGE], err,
			"'%.*s' is no language: write en, de, pt-BR or the "
			"like",
			(int)utf8_cut(language, strlen(language), SHOWN_MAX),
			language);
	entry->intent = intent;
	entry->language = language[0] ? language : "en";
	return 0;
}

static int
set_verbatim(struct entry_reader *reader, const struct entry_draft *draft,
	     struct faq_version *entry, struct err *err)
{
	const char *text = copy_line(reader, field(draft, ENTRY_VERBATIM));

	entry->is_verbatim =
		!strcasecmp(text, "true") || !strcasecmp(text, "yes");
	if (entry->is_verbatim || !text[0] || !strcasecmp(text, "false") ||
	    !strcasecmp(text, "no"))
		return 0;
	return refuse(draft, &draft->fields[ENTRY_VERBATIM], err,
		      "verbatim is true or false");
}

/* A day alone is its beginning, or, as an end, its end: "to 31 December" has
 * that day in it. */
static int
read_time(struct entry_reader *reader, const struct entry_draft *draft,
	  enum entry_field id, int64_t *us_r, struct err *err)
{
	const char *text = copy_line(reader, field(draft, id));

	if (!text[0])
		return 0;
	if (!time_parse(text, us_r))
		return refuse(draft, &draft->fields[id], err,
			      "'%.*s' is no time: write 2026-05-03, or "
			      "2026-05-03T14:00:00Z",
			      (int)utf8_cut(text, strlen(text), SHOWN_MAX),
			      text);
	if (id == ENTRY_VALID_TO && strlen(text) == strlen("2026-05-03"))
		*us_r += DAY_US;
	return 0;
}

static int
set_validity(struct entry_reader *reader, const struct entry_draft *draft,
	     struct faq_version *entry, struct err *err)
{
	if (read_time(reader, draft, ENTRY_VALID_FROM, &entry->valid_from_us,
		      err) < 0 ||
	    read_time(reader, draft, ENTRY_VALID_TO, &entry->valid_to_us, err) <
		    0)
		return -1;
	if (entry->valid_to_us && entry->valid_to_us <= entry->valid_from_us)
		return refuse(draft, &draft->fields[ENTRY_VALID_TO], err,
			      "valid_to is not after valid_from");
	return 0;
}

int
entry_check(struct entry_reader *reader, const struct entry_draft *draft,
	    struct faq_version *entry, struct err *err)
{
	typedef int set_fn(struct entry_reader *, const struct entry_draft *,
			   struct faq_version *, struct err *);
	static set_fn *const setters[] = {
		set_question, set_name,	 set_answer,   set_paraphrases,
		set_tags,     set_words, set_verbatim, set_validity,
	};

	for (size_t i = 0; i < sizeof setters / sizeof *setters; i++)
		if (setters[i](reader, draft, entry, err) < 0)
			return -1;
	return 0;
}

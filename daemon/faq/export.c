/* Entries to files.  Any thread. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/time.h"
#include "faq/csv.h"
#include "faq/import.h"

static const char yaml_head[] =
	"# Entries of the FAQ.  An answer stands here as it was written: where "
	"it has\n"
	"# {{names}}, customers read the facts of those names.\n"
	"faq:\n";
#define BOM "\xEF\xBB\xBF"

/* The columns of a CSV file, in their order. */
const char *const faq_columns[FAQ_COLUMNS] = {
	"id",	  "question", "paraphrases", "answer",	   "tags",
	"intent", "language", "verbatim",    "valid_from", "valid_to"};

/* In double quotes; what is read back is the same. */
static void
add_quoted(struct buf *out, const char *text)
{
	buf_addc(out, '"');
	for (; *text; text++) {
		if (*text == '\n')
			buf_adds(out, "\\n");
		else if (*text == '\t')
			buf_adds(out, "\\t");
		else if (*text == '\r')
			buf_adds(out, "\\r");
		else if (*text == '"' || *text == '\\')
			buf_addf(out, "\\%c", *text);
		else
			buf_addc(out, *text);
	}
	buf_addc(out, '"');
}

static void
add_text(struct buf *out, const char *key, const char *text)
{
	buf_addf(out, "  %s: ", key);
	add_quoted(out, text);
	buf_addc(out, '\n');
}

/* Many lines are easier to read as a block; with white space in front, it
 * must be told how far the block is indented. */
static void
add_block(struct buf *out, const char *key, const char *text)
{
	if (!strchr(text, '\n') || strchr(text, '\r')) {
		add_text(out, key, text);
		return;
	}
	bool is_indented = strchr(" \t\n", text[0]);
	buf_addf(out, "  %s: |%s-\n", key, is_indented ? "2" : "");
	while (*text) {
		size_t len = strcspn(text, "\n");
		if (len > 0)
			buf_adds(out, "    ");
		buf_add(out, text, len);
		buf_addc(out, '\n');
		text += len + (text[len] == '\n');
	}
}

static void
add_list(struct buf *out, const char *key, const char *const *texts, size_t n)
{
	if (n == 0)
		return;
	buf_addf(out, "  %s:\n", key);
	for (size_t i = 0; i < n; i++) {
		buf_adds(out, "  - ");
		add_quoted(out, texts[i]);
		buf_addc(out, '\n');
	}
}

static void
add_tags(struct buf *out, const char *tags)
{
	char tag[4 * FAQ_TAG_MAX + 1];

	if (!tags[0])
		return;
	buf_adds(out, "  tags:\n");
	for (; *tags; tags += *tags == ',') {
		size_t len = strcspn(tags, ",");
		size_t kept = len < sizeof tag ? len : sizeof tag - 1;
		memcpy(tag, tags, kept);
		tag[kept] = '\0';
		buf_adds(out, "  - ");
		add_quoted(out, tag);
		buf_addc(out, '\n');
		tags += len;
	}
}

/* "" when there is no bound.  time_format() stops at milliseconds. */
static const char *
time_text(int64_t us, char text[TIME_TEXT_SIZE])
{
	int rest = (int)((us % 1000 + 1000) % 1000);

	if (!us)
		return "";
	time_format(us, text);
	size_t len = strlen(text) - strlen("Z");
	if (rest)
		snprintf(text + len, TIME_TEXT_SIZE - len, "%03dZ", rest);
	return text;
}

static void
add_yaml(struct buf *out, const struct faq_version *entry)
{
	char text[TIME_TEXT_SIZE];

	buf_addf(out, "- id: \"%s\"\n", entry->name);
	add_text(out, "question", entry->question);
	add_list(out, "paraphrases", entry->variants, entry->n_variants);
	add_block(out, "answer", entry->source);
	if (entry->intent[0])
		add_text(out, "intent", entry->intent);
	add_tags(out, entry->tags);
	add_text(out, "language", entry->language);
	if (entry->is_verbatim)
		buf_adds(out, "  verbatim: true\n");
	if (entry->valid_from_us)
		add_text(out, "valid_from",
			 time_text(entry->valid_from_us, text));
	if (entry->valid_to_us)
		add_text(out, "valid_to", time_text(entry->valid_to_us, text));
}

/* Paraphrases in one cell; a '|' of their own is marked. */
static const char *
join_paraphrases(struct buf *cell, const struct faq_version *entry)
{
	for (size_t i = 0; i < entry->n_variants; i++) {
		if (i > 0)
			buf_adds(cell, " | ");
		for (const char *c = entry->variants[i]; *c; c++)
			buf_addf(cell, *c == '|' ? "\\%c" : "%c", *c);
	}
	return buf_str(cell);
}

/* values[i], if it is there, stands in the place of the i-th column. */
static void
add_row(struct buf *out, const struct faq_version *entry,
	const char *const values[FAQ_COLUMNS])
{
	struct buf paraphrases;
	char from[TIME_TEXT_SIZE], to[TIME_TEXT_SIZE];

	buf_init(&paraphrases, CSV_ROW_MAX);
	const char *const cells[FAQ_COLUMNS] = {
		entry->name,
		entry->question,
		join_paraphrases(&paraphrases, entry),
		entry->source,
		entry->tags,
		entry->intent,
		entry->language,
		entry->is_verbatim ? "true" : "",
		time_text(entry->valid_from_us, from),
		time_text(entry->valid_to_us, to),
	};
	for (size_t i = 0; i < FAQ_COLUMNS; i++) {
		if (i > 0)
			buf_addc(out, ',');
		csv_write_cell(out, values && values[i] ? values[i] : cells[i]);
	}
	buf_adds(out, "\r\n");
	out->failed |= paraphrases.failed;
	buf_release(&paraphrases);
}

static void
add_csv_head(struct buf *out)
{
	for (size_t i = 0; i < FAQ_COLUMNS; i++)
		buf_addf(out, "%s%s", i > 0 ? "," : "", faq_columns[i]);
	buf_adds(out, "\r\n");
}

static void
add_csv(struct buf *out, const struct faq_version *entry)
{
	add_row(out, entry, NULL);
}

void
faq_write_yaml(struct buf *out, const struct faq_version *entry)
{
	buf_adds(out, yaml_head);
	add_yaml(out, entry);
}

void
faq_write_csv(struct buf *out, const struct faq_version *entry,
	      const char *const values[FAQ_COLUMNS])
{
	add_csv_head(out);
	add_row(out, entry, values);
}

struct export
{
	struct buf *out;
	void (*add)(struct buf * out, const struct faq_version *);
};

static int
check_room(const struct buf *out, struct err *err)
{
	if (!out->failed)
		return 0;
	return err_set(err,
		       "the entries are more than %zu bytes, or there is no "
		       "memory for them",
		       out->max);
}

static int
add_entry(void *arg, const struct faq_version *entry, struct err *err)
{
	const struct export *export = arg;

	export->add(export->out, entry);
	return check_room(export->out, err);
}

int
faq_export(struct store *store, bool is_csv, bool with_drafts, struct buf *out,
	   struct err *err)
{
	struct export export = {out, is_csv ? add_csv : add_yaml};
	struct store_reader *reader = store_read_begin(store, err);
	int ret;

	if (!reader)
		return -1;
	buf_adds(out, is_csv ? BOM : yaml_head);
	if (is_csv)
		add_csv_head(out);
	if (with_drafts)
		ret = store_each_with_drafts(reader, add_entry, &export, err);
	else
		ret = store_each_in_force(reader, 0, add_entry, &export, err);
	store_read_end(reader);
	return ret < 0 ? -1 : check_room(out, err);
}

/* Entries from CSV.  Any thread. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "conf/yaml.h"
#include "faq/csv.h"
#include "faq/entry.h"

/* More than are allowed, so that it is said how many there are. */
#define PARTS_MAX (2 * FAQ_PARAPHRASES_MAX)

/* In the order of enum entry_field, then the lists. */
enum { COLUMN_PARAPHRASES = ENTRY_FIELDS, COLUMN_TAGS, COLUMNS };
static const char *const column_names[COLUMNS] = {
	[ENTRY_ID] = "id",
	[ENTRY_QUESTION] = "question",
	[ENTRY_ANSWER] = "answer",
	[ENTRY_INTENT] = "intent",
	[ENTRY_LANGUAGE] = "language",
	[ENTRY_VERBATIM] = "verbatim",
	[ENTRY_VALID_FROM] = "valid_from",
	[ENTRY_VALID_TO] = "valid_to",
	[COLUMN_PARAPHRASES] = "paraphrases",
	[COLUMN_TAGS] = "tags",
};

struct csv_reader {
	struct csv csv;
	struct entry_reader entries;
	int columns[CSV_CELLS_MAX]; /* what each cell of a row is */
	size_t n_columns;
	struct entry_text parts[2][PARTS_MAX]; /* paraphrases, tags */
};

static bool
is_blank_char(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* The column of that name, whatever its case and the blanks around it; -1. */
static int
find_column(const char *text)
{
	text += strspn(text, " \t\n");
	size_t len = strlen(text);
	while (len > 0 && is_blank_char(text[len - 1]))
		len--;
	for (int i = 0; i < COLUMNS; i++)
		if (strlen(column_names[i]) == len &&
		    strncasecmp(text, column_names[i], len) == 0)
			return i;
	return -1;
}

static int
refuse_column(const struct csv *csv, const struct csv_cell *cell,
	      struct err *err)
{
	const char *near = conf_nearest(cell->text, column_names, COLUMNS);

	if (near)
		return err_set(err,
			       "%s:%d: unknown column '%.60s', did you mean "
			       "'%s'?",
			       csv->name, cell->line, cell->text, near);
	return err_set(err,
		       "%s:%d: unknown column '%.60s': the first line names "
		       "columns, and known are id, question, paraphrases, "
		       "answer, tags, intent, language, verbatim, valid_from "
		       "and valid_to",
		       csv->name, cell->line, cell->text);
}

static int
read_header(struct csv_reader *r, struct err *err)
{
	struct csv *csv = &r->csv;
	bool is_there[COLUMNS] = {false};

	int found = csv_next(csv, err);
	if (found < 0)
		return -1;
	if (!found || csv_is_blank(csv))
		return err_set(err, "%s:1: the first line must name columns",
			       csv->name);
	for (size_t i = 0; i < csv->n; i++) {
		int column = find_column(csv->cells[i].text);
		if (column < 0)
			return refuse_column(csv, &csv->cells[i], err);
		if (is_there[column])
			return err_set(err, "%s:%d: two columns '%s'",
				       csv->name, csv->cells[i].line,
				       column_names[column]);
		is_there[column] = true;
		r->columns[i] = column;
	}
	r->n_columns = csv->n;
	if (is_there[ENTRY_QUESTION] && is_there[ENTRY_ANSWER])
		return 0;
	return err_set(err, "%s:1: a column '%s' is missing", csv->name,
		       is_there[ENTRY_QUESTION] ? "answer" : "question");
}

/* Where the next separator stands, or the end. */
static const char *
part_end(const char *text, bool is_tags)
{
	if (is_tags)
		return text + strcspn(text, ",");
	const char *end = strstr(text, " | ");
	return end ? end : text + strlen(text);
}

/* Move a part down to `to`, "\|" as "|", and end it; false if it is blank. */
static bool
move_part(char *to, const char *text, const char *end, bool is_tags)
{
	bool is_blank = true;

	for (; text < end; text++) {
		if (!is_tags && text[0] == '\\' && text + 1 < end &&
		    text[1] == '|')
			text++;
		is_blank &= is_blank_char(*text);
		*to++ = *text;
	}
	*to = '\0';
	return !is_blank;
}

/* Part the texts of a cell, which becomes those; blank ones are left out.  How
 * many; those there is no room for are counted only. */
static size_t
split(struct entry_text parts[PARTS_MAX], const struct csv_cell *cell,
      bool is_tags)
{
	const char *text = cell->text;
	char *to = cell->text;
	bool is_last = false;
	size_t n = 0;

	while (!is_last) {
		const char *end = part_end(text, is_tags);
		is_last = !*end;
		if (move_part(to, text, end, is_tags)) {
			if (n < PARTS_MAX)
				parts[n] = (struct entry_text){to, cell->line};
			n++;
			to += strlen(to) + 1;
		}
		text = end + (is_tags ? 1 : 3);
	}
	return n;
}

static int
check_width(const struct csv_reader *r, struct err *err)
{
	const struct csv *csv = &r->csv;

	if (csv->n < r->n_columns)
		return err_set(err, "%s:%d: %zu cells, but %zu columns",
			       csv->name, csv->cells[0].line, csv->n,
			       r->n_columns);
	for (size_t i = r->n_columns; i < csv->n; i++)
		if (csv->cells[i].text[0])
			return err_set(
				err,
				"%s:%d: more cells than columns (%zu): "
				"put texts with '%c' in quotes",
				csv->name, csv->cells[i].line, r->n_columns,
				csv->delimiter == '\t' ? ' ' : csv->delimiter);
	return 0;
}

static int
add_row(struct csv_reader *r, struct err *err)
{
	const struct csv *csv = &r->csv;
	struct entry_draft draft = {
		.file = csv->name,
		.line = csv->cells[0].line,
		.paraphrases = r->parts[0],
		.tags = r->parts[1],
	};

	if (check_width(r, err) < 0)
		return -1;
	for (size_t i = 0; i < r->n_columns; i++) {
		const struct csv_cell *cell = &csv->cells[i];
		if (r->columns[i] == COLUMN_PARAPHRASES)
			draft.n_paraphrases = split(r->parts[0], cell, false);
		else if (r->columns[i] == COLUMN_TAGS)
			draft.n_tags = split(r->parts[1], cell, true);
		else
			draft.fields[r->columns[i]] =
				(struct entry_text){cell->text, cell->line};
	}
	return entry_reader_add(&r->entries, &draft, err);
}

static int
add_rows(struct csv_reader *r, struct err *err)
{
	int found;

	if (read_header(r, err) < 0)
		return -1;
	while ((found = csv_next(&r->csv, err)) > 0)
		if (!csv_is_blank(&r->csv) && add_row(r, err) < 0)
			return -1;
	return found;
}

int
faq_read_csv(struct faq_file *file, const char *name, const char *text,
	     size_t len, template_value_fn *value, const void *facts,
	     struct err *err)
{
	struct csv_reader *r = mem_new(sizeof *r);

	entry_reader_init(&r->entries, file, value, facts);
	int ret = csv_open(&r->csv, name, text, len, err);
	if (ret == 0)
		ret = add_rows(r, err);
	csv_close(&r->csv);
	ret = entry_reader_end(&r->entries, ret);
	free(r);
	return ret;
}

/* CSV.  Any thread; a struct csv belongs to one. */
#include "faq/csv.h"

#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "conf/yaml-words.h"

static const char delimiters[] = ",;\t";

/* Excel's older brothers save what the system's code page has. */
static const char *
encoding_advice(const char *text, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if ((unsigned char)text[i] >= 0x80)
			return "save the file as UTF-8";
	return "the file looks like Latin-1 or Windows-1252: save it as UTF-8";
}

static bool
begins_with(const char *text, size_t len, const char *bytes, size_t n)
{
	return len >= n && memcmp(text, bytes, n) == 0;
}

/* Files that are something else as a whole. */
static const char *
foreign_kind(const char *text, size_t len)
{
	if (begins_with(text, len, "\xFF\xFE", 2) ||
	    begins_with(text, len, "\xFE\xFF", 2))
		return "this is UTF-16: save it as CSV in UTF-8";
	if (begins_with(text, len, "PK\3\4", 4) ||
	    begins_with(text, len, "\xD0\xCF\x11\xE0", 4))
		return "this is a workbook: save the sheet as CSV in UTF-8";
	return NULL;
}

static int
check_text(const struct csv *csv, const char *text, size_t len, struct err *err)
{
	const char *kind = foreign_kind(text, len);
	char words[64];
	size_t at;

	if (kind)
		return err_set(err, "%s: %s", csv->name, kind);
	if (len > CSV_BYTES_MAX)
		return err_set(err, "%s: longer than %zu MiB: split it",
			       csv->name, CSV_BYTES_MAX >> 20);
	if (!yaml_words_character(text, len, words, &at))
		return 0;
	uint32_t c;
	bool is_utf8 = utf8_decode(text + at, len - at, &c) > 1 || c < 0x80;
	return err_set(err, "%s:%d: %s is not allowed: %s", csv->name,
		       yaml_words_line(text, at), words,
		       is_utf8 ? "take it out" : encoding_advice(text, at));
}

static bool
is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

/* The one that parts the most cells of the first line. */
static char
detect_delimiter(const char *text, const char *end)
{
	size_t counts[sizeof delimiters - 1] = {0};
	bool is_quoted = false;
	size_t best = 0;

	for (; text < end && (is_quoted || !is_line_end(*text)); text++) {
		const char *found = strchr(delimiters, *text);
		if (*text == '"')
			is_quoted = !is_quoted;
		else if (found && *found && !is_quoted)
			counts[found - delimiters]++;
	}
	for (size_t i = 1; i < sizeof counts / sizeof *counts; i++)
		if (counts[i] > counts[best])
			best = i;
	return delimiters[best];
}

int
csv_open(struct csv *csv, const char *name, const char *text, size_t len,
	 struct err *err)
{
	*csv = (struct csv){.name = name, .line = 1};
	buf_init(&csv->texts, CSV_ROW_MAX);
	if (begins_with(text, len, "\xEF\xBB\xBF", 3)) {
		text += 3;
		len -= 3;
	}
	if (check_text(csv, text, len, err) < 0)
		return -1;
	csv->at = text;
	csv->end = text + len;
	csv->delimiter = detect_delimiter(text, csv->end);
	return 0;
}

void
csv_close(struct csv *csv)
{
	buf_release(&csv->texts);
	*csv = (struct csv){0};
}

/* Over one line end: LF, CR or both. */
static void
pass_line_end(struct csv *csv)
{
	if (*csv->at++ == '\r' && csv->at < csv->end && *csv->at == '\n')
		csv->at++;
	csv->line++;
}

static int
read_quoted(struct csv *csv, struct err *err)
{
	int first_line = csv->line;

	csv->at++;
	while (csv->at < csv->end) {
		if (is_line_end(*csv->at)) {
			pass_line_end(csv);
			buf_addc(&csv->texts, '\n');
			continue;
		}
		if (*csv->at != '"') {
			buf_addc(&csv->texts, *csv->at++);
			continue;
		}
		csv->at++;
		if (csv->at == csv->end || *csv->at != '"')
			return 0;
		buf_addc(&csv->texts, *csv->at++);
	}
	return err_set(err, "%s:%d: the quote that begins here is never closed",
		       csv->name, first_line);
}

static bool
is_cell_end(const struct csv *csv)
{
	return csv->at == csv->end || *csv->at == csv->delimiter ||
	       is_line_end(*csv->at);
}

static int
read_cell(struct csv *csv, struct err *err)
{
	if (csv->at < csv->end && *csv->at == '"') {
		if (read_quoted(csv, err) < 0)
			return -1;
		if (!is_cell_end(csv))
			return err_set(err,
				       "%s:%d: something stands behind a "
				       "closing quote: a quote within a cell "
				       "is written twice",
				       csv->name, csv->line);
		return 0;
	}
	while (!is_cell_end(csv)) {
		if (*csv->at == '"')
			return err_set(err,
				       "%s:%d: a quote stands within a cell: "
				       "put the whole cell in quotes and write "
				       "that one twice",
				       csv->name, csv->line);
		buf_addc(&csv->texts, *csv->at++);
	}
	return 0;
}

/* Does it begin like a formula, perhaps behind quote characters? */
static bool
is_like_formula(const char *text)
{
	text += strspn(text, "'");
	return *text && strchr("=+-@\t", *text);
}

/* Cells are found again behind one another once the row's buffer stays. */
static void
set_texts(struct csv *csv)
{
	char *text = csv->texts.data;

	for (size_t i = 0; i < csv->n; i++) {
		size_t len = strlen(text);
		bool is_guarded = *text == '\'' && is_like_formula(text);
		csv->cells[i].text = text + is_guarded;
		text += len + 1;
	}
}

static int
add_cell(struct csv *csv, struct err *err)
{
	int first_line = csv->n ? csv->cells[0].line : csv->line;

	if (csv->n == CSV_CELLS_MAX)
		return err_set(err, "%s:%d: more than %d cells", csv->name,
			       csv->line, CSV_CELLS_MAX);
	csv->cells[csv->n++].line = csv->line;
	if (read_cell(csv, err) < 0)
		return -1;
	if (buf_addc(&csv->texts, '\0') < 0)
		return err_set(err,
			       "%s:%d: the row that begins here is longer than "
			       "%zu KiB: is a closing quote missing?",
			       csv->name, first_line, CSV_ROW_MAX >> 10);
	return 0;
}

int
csv_next(struct csv *csv, struct err *err)
{
	csv->n = 0;
	buf_clear(&csv->texts);
	if (csv->at == csv->end)
		return 0;
	while (add_cell(csv, err) == 0) {
		if (csv->at < csv->end && *csv->at == csv->delimiter) {
			csv->at++;
			continue;
		}
		if (csv->at < csv->end)
			pass_line_end(csv);
		set_texts(csv);
		return 1;
	}
	return -1;
}

bool
csv_is_blank(const struct csv *csv)
{
	for (size_t i = 0; i < csv->n; i++)
		if (csv->cells[i].text[strspn(csv->cells[i].text, " \t\n")])
			return false;
	return true;
}

int
csv_write_cell(struct buf *out, const char *text)
{
	bool is_guarded = is_like_formula(text);

	if (!is_guarded && !text[strcspn(text, ",;\t\"'\r\n ")])
		return buf_adds(out, text);
	buf_adds(out, is_guarded ? "\"'" : "\"");
	for (; *text; text++)
		buf_adds(out, *text == '"' ? "\"\"" : (char[]){*text, '\0'});
	return buf_addc(out, '"');
}

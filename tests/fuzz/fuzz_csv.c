/* CSV from anybody: rows, then entries; what was read is written and must be
 * read back the same. */
#include "fuzz.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "faq/csv.h"
#include "faq/import.h"

static void
write_row(struct buf *out, const struct csv *csv)
{
	for (size_t i = 0; i < csv->n; i++) {
		if (i > 0)
			buf_addc(out, csv->delimiter);
		csv_write_cell(out, csv->cells[i].text);
	}
	buf_adds(out, "\r\n");
}

/* An end without a line end, or a last row of one empty cell, read as well. */
static void
expect_same(const char *text, size_t len, const struct buf *written)
{
	struct csv first, second;
	struct err err = {0};

	int is_open = csv_open(&first, "f", text, len, &err);
	assert(is_open == 0);
	is_open = csv_open(&second, "f", written->data, written->len, &err);
	assert(is_open == 0);
	second.delimiter = first.delimiter;
	while (csv_next(&first, &err) > 0) {
		int found = csv_next(&second, &err);
		assert(found == 1 && first.n == second.n);
		for (size_t i = 0; i < first.n; i++)
			assert(strcmp(first.cells[i].text,
				      second.cells[i].text) == 0);
	}
	csv_close(&first);
	csv_close(&second);
}

static void
read_rows(const char *text, size_t len)
{
	struct err err = {0};
	struct buf written;
	struct csv csv;
	int found = -1;

	buf_init(&written, 4 * len + 100);
	if (csv_open(&csv, "f", text, len, &err) == 0)
		while ((found = csv_next(&csv, &err)) > 0)
			write_row(&written, &csv);
	csv_close(&csv);
	assert((found < 0) == (err.text[0] != '\0'));
	if (found == 0 && written.len > 0)
		expect_same(text, len, &written);
	buf_release(&written);
}

static const char *
value_of(const void *facts, const char *name, size_t len)
{
	(void)facts;
	(void)name;
	return len % 2 ? "{{value}}" : NULL;
}

static void
read_entries(const char *text, size_t len)
{
	struct err err = {0};
	struct faq_file file;

	int ret = faq_read_csv(&file, "f", text, len, value_of, NULL, &err);
	assert((ret < 0) == (err.text[0] != '\0'));
	for (size_t i = 0; i < file.n; i++)
		assert(store_is_entry_name(file.entries[i].name));
	faq_file_release(&file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_rows((const char *)data, size);
	read_entries((const char *)data, size);
	return 0;
}

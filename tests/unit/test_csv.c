/* CSV: rows and cells, what is refused, and cells written and read back. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "faq/csv.h"

static struct csv csv;
static struct err err;

static void
open_text(const char *text)
{
	csv_close(&csv);
	if (csv_open(&csv, "f", text, strlen(text), &err) < 0)
		fail_msg("%s", err.text);
}

/* The next row is these cells, joined by '|'. */
static void
expect_row(const char *cells, int line)
{
	struct buf row;

	if (csv_next(&csv, &err) != 1)
		fail_msg("no row: %s", err.text);
	buf_init(&row, 1 << 20);
	for (size_t i = 0; i < csv.n; i++)
		buf_addf(&row, "%s%s", i ? "|" : "", csv.cells[i].text);
	assert_string_equal(buf_str(&row), cells);
	assert_int_equal(csv.cells[0].line, line);
	buf_release(&row);
}

static void
expect_end(void)
{
	assert_int_equal(csv_next(&csv, &err), 0);
	assert_int_equal(csv_next(&csv, &err), 0);
}

/* Refused on opening or in some row. */
static void
expect_words_of(const char *text, size_t len, const char *words)
{
	int found = 1;

	csv_close(&csv);
	err = (struct err){0};
	if (csv_open(&csv, "f", text, len, &err) < 0)
		found = -1;
	while (found > 0)
		found = csv_next(&csv, &err);
	assert_int_equal(found, -1);
	assert_string_equal(err.text, words);
}

static void
expect_words(const char *text, const char *words)
{
	expect_words_of(text, strlen(text), words);
}

static void
test_rows_are_parted_by_any_line_end(void **state)
{
	(void)state;
	open_text("a,b\nc,d\r\ne,f\rg,h");
	expect_row("a|b", 1);
	expect_row("c|d", 2);
	expect_row("e|f", 3);
	expect_row("g|h", 4);
	expect_end();
	open_text("a\n");
	expect_row("a", 1);
	expect_end();
	open_text("");
	expect_end();
}

static void
test_quoted_cells_hold_everything(void **state)
{
	(void)state;
	open_text("\"a,\"\"b\"\"\",\"one\r\ntwo\rthree\nfour\"\n\"\",x\n");
	expect_row("a,\"b\"|one\ntwo\nthree\nfour", 1);
	assert_int_equal(csv.cells[1].line, 1);
	expect_row("|x", 5);
	expect_end();
}

static void
test_blank_rows_and_cells_are_told(void **state)
{
	(void)state;
	open_text("a,,c\n\n , \n,x\n");
	expect_row("a||c", 1);
	assert_false(csv_is_blank(&csv));
	expect_row("", 2);
	assert_true(csv_is_blank(&csv));
	expect_row(" | ", 3);
	assert_true(csv_is_blank(&csv));
	expect_row("|x", 4);
	assert_false(csv_is_blank(&csv));
}

static void
test_delimiter_is_that_of_the_first_line(void **state)
{
	(void)state;
	open_text("a;b\n1,5;2");
	expect_row("a|b", 1);
	expect_row("1,5|2", 2);
	open_text("a\tb\n1,2;3\t4");
	expect_row("a|b", 1);
	expect_row("1,2;3|4", 2);
	open_text("\"a;b;c\",d\nx,y");
	expect_row("a;b;c|d", 1);
	expect_row("x|y", 2);
	open_text("alone\na;b");
	expect_row("alone", 1);
	expect_row("a;b", 2);
}

static void
test_bom_is_passed_over(void **state)
{
	(void)state;
	open_text("\xEF\xBB\xBF"
		  "a,b");
	expect_row("a|b", 1);
	open_text("\xEF\xBB\xBF\"a\",b");
	expect_row("a|b", 1);
}

static void
test_slips_with_quotes_are_named(void **state)
{
	(void)state;
	expect_words("a,b\nc,\"d\ne\n",
		     "f:2: the quote that begins here is never closed");
	expect_words("a\n\"b\"c\n",
		     "f:2: something stands behind a closing quote: a quote "
		     "within a cell is written twice");
	expect_words("a\nb\"c\"\n",
		     "f:2: a quote stands within a cell: put the whole cell "
		     "in quotes and write that one twice");
	expect_words("a,\"\n\n\"\"",
		     "f:1: the quote that begins here is never closed");
}

static void
test_what_is_no_utf8_is_refused_with_a_guess(void **state)
{
	(void)state;
	expect_words("a,b\nx,Stra\xDF"
		     "e\n",
		     "f:2: a byte (0xDF) that is not UTF-8 is not allowed: the "
		     "file looks like Latin-1 or Windows-1252: save it as "
		     "UTF-8");
	expect_words("a,b\n\xC3\xA4,\xE4\n",
		     "f:2: a byte (0xE4) that is not UTF-8 is not allowed: "
		     "save the file as UTF-8");
	expect_words_of("\xFF\xFE"
			"a\0",
			4, "f: this is UTF-16: save it as CSV in UTF-8");
	expect_words_of("PK\3\4....", 8,
			"f: this is a workbook: save the sheet as CSV in "
			"UTF-8");
	expect_words_of("a\n\0b", 4,
			"f:2: the control character U+0000 is not allowed: "
			"take it out");
	expect_words("a\n\n\x1B[2J",
		     "f:3: the control character U+001B is not allowed: "
		     "take it out");
	expect_words("a\xC2\x92"
		     "b",
		     "f:1: the control character U+0092 is not allowed: "
		     "take it out");
}

static void
test_rows_have_limits(void **state)
{
	char *text = malloc(CSV_ROW_MAX + 100);

	(void)state;
	memset(text, ',', CSV_CELLS_MAX);
	expect_words_of(text, CSV_CELLS_MAX, "f:1: more than 50 cells");
	csv_close(&csv);
	assert_int_equal(csv_open(&csv, "f", text, CSV_CELLS_MAX - 1, &err), 0);
	assert_int_equal(csv_next(&csv, &err), 1);
	assert_int_equal(csv.n, CSV_CELLS_MAX);
	memset(text, 'x', CSV_ROW_MAX + 100);
	memcpy(text, "a\nb,\"", 5);
	text[CSV_ROW_MAX + 50] = '"';
	expect_words_of(text, CSV_ROW_MAX + 51,
			"f:2: the row that begins here is longer than 1024 "
			"KiB: is a closing quote missing?");
	free(text);
	text = calloc(1, CSV_BYTES_MAX + 1);
	expect_words_of(text, CSV_BYTES_MAX + 1,
			"f: longer than 128 MiB: split it");
	free(text);
}

static void
test_no_cell_is_written_as_a_formula(void **state)
{
	static const struct {
		const char *text, *cell;
	} cells[] = {
		{"plain", "plain"},
		{"", ""},
		{"=1+1", "\"'=1+1\""},
		{"+49 89", "\"'+49 89\""},
		{"-x", "\"'-x\""},
		{"@x", "\"'@x\""},
		{"\t=x", "\"'\t=x\""},
		{"'=x", "\"''=x\""},
		{"'x", "\"'x\""},
		{"a=b", "a=b"},
		{"a \"b\"", "\"a \"\"b\"\"\""},
		{"a,b;c", "\"a,b;c\""},
		{"a\nb", "\"a\nb\""},
	};
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		buf_clear(&out);
		assert_int_equal(csv_write_cell(&out, cells[i].text), 0);
		assert_string_equal(buf_str(&out), cells[i].cell);
	}
	buf_release(&out);
}

/* Texts made of what has a meaning somewhere. */
static void
make_text(unsigned int *seed, char text[32])
{
	static const char signs[] = "'\"=+-@,;\t\n |a\\";
	size_t n = (size_t)rand_r(seed) % 8;

	for (size_t i = 0; i < n; i++)
		text[i] = signs[(size_t)rand_r(seed) % (sizeof signs - 1)];
	text[n] = '\0';
}

static void
test_what_is_written_is_read_back(void **state)
{
	unsigned int seed = 4180;
	char texts[20][32];
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 20);
	for (int round = 0; round < 500; round++) {
		buf_clear(&out);
		buf_adds(&out, "a,b,c\r\n");
		for (size_t i = 0; i < 20; i++) {
			make_text(&seed, texts[i]);
			buf_adds(&out, i % 5 ? "," : "x,");
			csv_write_cell(&out, texts[i]);
			if (i % 5 == 4)
				buf_adds(&out, "\r\n");
		}
		open_text(buf_str(&out));
		assert_int_equal(csv_next(&csv, &err), 1);
		for (size_t i = 0; i < 20; i++) {
			if (i % 5 == 0 && csv_next(&csv, &err) != 1)
				fail_msg("%s", err.text);
			assert_int_equal(csv.n, 6);
			assert_string_equal(csv.cells[i % 5 + 1].text,
					    texts[i]);
		}
		expect_end();
	}
	csv_close(&csv);
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_are_parted_by_any_line_end),
		cmocka_unit_test(test_quoted_cells_hold_everything),
		cmocka_unit_test(test_blank_rows_and_cells_are_told),
		cmocka_unit_test(test_delimiter_is_that_of_the_first_line),
		cmocka_unit_test(test_bom_is_passed_over),
		cmocka_unit_test(test_slips_with_quotes_are_named),
		cmocka_unit_test(test_what_is_no_utf8_is_refused_with_a_guess),
		cmocka_unit_test(test_rows_have_limits),
		cmocka_unit_test(test_no_cell_is_written_as_a_formula),
		cmocka_unit_test(test_what_is_written_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

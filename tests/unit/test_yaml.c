/* The reader of YAML: what it gives, what it refuses and in which words. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/yaml.h"

static struct yaml_file file;
static struct err err;

static int
read_text(const char *text)
{
	err = (struct err){0};
	return yaml_read(&file, "f", text, strlen(text), &yaml_limits_settings,
			 &err);
}

static void
expect_words(const char *text, const char *words)
{
	assert_int_equal(read_text(text), -1);
	assert_string_equal(err.text, words);
	assert_null(file.root);
	assert_null(file.name);
	yaml_release(&file);
}

static void
expect_words_of(const char *text, size_t len, const char *words)
{
	err = (struct err){0};
	assert_int_equal(
		yaml_read(&file, "f", text, len, &yaml_limits_settings, &err),
		-1);
	assert_string_equal(err.text, words);
}

static void
expect_text(const struct yaml *node, const char *text, bool is_plain, int line)
{
	assert_non_null(node);
	assert_int_equal(node->kind, YAML_TEXT);
	assert_string_equal(node->text, text);
	assert_int_equal(node->is_plain, is_plain);
	assert_int_equal(node->line, line);
}

static void
test_a_tree_has_keys_texts_and_lines(void **state)
{
	(void)state;
	assert_int_equal(read_text("# a comment\n"
				   "desk:\n"
				   "  pack: banking # words\n"
				   "  name: 'The: desk'\n"
				   "list:\n"
				   "- one\n"
				   "- \"two\\n\"\n"
				   "- {a: 1, b: }\n"),
			 0);
	struct yaml *desk = yaml_get(file.root, "desk");
	assert_int_equal(desk->kind, YAML_MAP);
	assert_int_equal(desk->line, 2);
	assert_int_equal(desk->n, 2);
	expect_text(yaml_get(desk, "pack"), "banking", true, 3);
	expect_text(yaml_get(desk, "name"), "The: desk", false, 4);
	struct yaml *list = yaml_get(file.root, "list");
	assert_int_equal(list->kind, YAML_LIST);
	assert_int_equal(list->line, 5);
	assert_int_equal(list->n, 3);
	assert_null(list->first->key);
	expect_text(list->first, "one", true, 6);
	expect_text(list->first->next, "two\n", false, 7);
	expect_text(yaml_get(list->first->next->next, "a"), "1", true, 8);
	expect_text(yaml_get(list->first->next->next, "b"), "", true, 8);
	assert_null(yaml_get(desk, "nothing"));
	assert_null(yaml_get(list, "desk"));
	assert_null(yaml_get(NULL, "desk"));
	yaml_release(&file);
}

static void
test_a_block_keeps_its_lines(void **state)
{
	(void)state;
	assert_int_equal(read_text("a: |\n  one\n\n  two\nb: >-\n  one\n  two\n"
				   "c:\n  behind\n"),
			 0);
	expect_text(yaml_get(file.root, "a"), "one\n\ntwo\n", false, 1);
	expect_text(yaml_get(file.root, "b"), "one two", false, 5);
	expect_text(yaml_get(file.root, "c"), "behind", true, 8);
	yaml_release(&file);
}

static void
test_an_empty_file_has_no_root(void **state)
{
	static const char *const texts[] = {
		"", "\n\n", "# words\n", "---\n", "---\n...\n", "\xEF\xBB\xBF",
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_int_equal(read_text(texts[i]), 0);
		assert_null(file.root);
		assert_string_equal(file.name, "f");
		yaml_release(&file);
	}
}

static void
test_a_file_may_be_of_another_system(void **state)
{
	(void)state;
	assert_int_equal(read_text("\xEF\xBB\xBF"
				   "a: 1\r\nb: |\r\n  x\r\n  y\r\n\r\nc: 2"),
			 0);
	expect_text(yaml_get(file.root, "a"), "1", true, 1);
	expect_text(yaml_get(file.root, "b"), "x\ny\n", false, 2);
	expect_text(yaml_get(file.root, "c"), "2", true, 6);
	yaml_release(&file);
	assert_int_equal(read_text("a: 1\rb: 2\r"), 0);
	expect_text(yaml_get(file.root, "b"), "2", true, 2);
	yaml_release(&file);
	assert_int_equal(read_text("gr\xC3\xBC\xC3\x9F: \xF0\x9F\x92\xB3\n"),
			 0);
	expect_text(yaml_get(file.root, "gr\xC3\xBC\xC3\x9F"),
		    "\xF0\x9F\x92\xB3", true, 1);
	yaml_release(&file);
}

static void
test_what_we_leave_out_of_yaml_is_refused(void **state)
{
	(void)state;
	expect_words("a: 1\nb: &x 2\n",
		     "f:2: anchors ('&x') are not allowed: write the value "
		     "out, or put the text in quotes");
	expect_words("a: &x\n- 1\n",
		     "f:1: anchors ('&x') are not allowed: write the value "
		     "out, or put the text in quotes");
	expect_words("a: &x {b: 1}\n",
		     "f:1: anchors ('&x') are not allowed: write the value "
		     "out, or put the text in quotes");
	expect_words("a: *x\n",
		     "f:1: aliases ('*x') are not allowed: write the value "
		     "out, or put the text in quotes");
	expect_words("a: *.png\n",
		     "f:1: aliases ('*...') are not allowed: put the text in "
		     "quotes");
	expect_words("a: &\n", "f:1: anchors ('&...') are not allowed: put the "
			       "text in quotes");
	expect_words("a: !!int 5\n",
		     "f:1: tags ('tag:yaml.org,2002:int') are not allowed: "
		     "leave it out, or put the text in quotes");
	expect_words("a: !mine [1]\n",
		     "f:1: tags ('!mine') are not allowed: leave it out, or "
		     "put the text in quotes");
	expect_words("!mine {}\n",
		     "f:1: tags ('!mine') are not allowed: leave it out, or "
		     "put the text in quotes");
	expect_words("a: !no!x 1\n", "f:1: tags ('!...') are not allowed: put "
				     "the text in quotes");
	expect_words("a: !<x 1\n", "f:1: tags ('!...') are not allowed: put "
				   "the text in quotes");
	expect_words("%TAG ! tag:x,2000:\n---\na: 1\n",
		     "f:1: %TAG is not allowed: leave it out");
	expect_words("# x\n%FOO bar\n---\na: 1\n",
		     "f:2: lines that begin with '%' are not allowed: leave "
		     "it out, or put the text in quotes");
	expect_words("%YAML 3.0\n---\na: 1\n",
		     "f:1: this version of YAML is unknown: leave the %YAML "
		     "line out");
	expect_words("a: 1\n---\nb: 2\n",
		     "f:2: a second document begins here: take the '---' out, "
		     "or make two files");
	expect_words("a: 1\n...\nb: 2\n",
		     "f:3: expected the end of the file here: look for a "
		     "wrong indentation, here or in the lines above");
}

static void
test_percent_within_a_text_is_no_directive(void **state)
{
	(void)state;
	assert_int_equal(read_text("a: 5 %TAG\nb: |\n  %TAG x\n"), 0);
	expect_text(yaml_get(file.root, "a"), "5 %TAG", true, 1);
	yaml_release(&file);
	assert_int_equal(read_text("%YAML 1.1\n---\na: 1\n"), 0);
	yaml_release(&file);
}

static void
test_keys_are_texts_and_differ(void **state)
{
	(void)state;
	expect_words("a: 1\nb:\n  c: 1\n\n  c: 2\n",
		     "f:5: the key 'c' stands in line 3 already");
	expect_words("{a: 1, 'a': 2}\n",
		     "f:1: the key 'a' stands in line 1 already");
	expect_words("? [a]\n: 1\n",
		     "f:1: a key must be a text, not a list or a map");
	expect_words("a: 1\n{b: 1}: 2\n",
		     "f:2: a key must be a text, not a list or a map");
	expect_words("?\n: 1\n", "f:1: a key is missing before the ':'");
	expect_words("'': 1\n", "f:1: a key is missing before the ':'");
	assert_int_equal(read_text("a: {k: 1}\nb: {k: 1}\n\"q r\": 1\n"), 0);
	assert_non_null(yaml_get(file.root, "q r"));
	yaml_release(&file);
}

static void
test_a_slip_of_syntax_is_told_in_words(void **state)
{
	(void)state;
	expect_words("a: 1\nbc\nd: 2\n",
		     "f:2: this line is no 'key: value': the ':' is missing");
	expect_words("a: b: c\n",
		     "f:1: a ':' does not belong here: put a text that holds "
		     "': ' in quotes, or mend the indentation");
	expect_words("a: 1\n  b: 2\n",
		     "f:2: a ':' does not belong here: put a text that holds "
		     "': ' in quotes, or mend the indentation");
	expect_words("a: - b\n",
		     "f:1: a list's '-' does not belong here: put each "
		     "'- entry' on a line of its own below the key");
	expect_words("a: ? b\n",
		     "f:1: a '?' cannot begin a key here: put it in quotes");
	expect_words("a:\n\tb: 1\n", "f:2: a tab stands where spaces must: "
				     "indent with spaces");
	expect_words("a:\n  b: 1\n\tc: 1\n",
		     "f:3: a tab stands where spaces must: indent with "
		     "spaces");
	expect_words("a: |\n\tb\n", "f:2: a tab stands where spaces must: "
				    "indent with spaces");
	expect_words("a: 1\nb: @home\n",
		     "f:2: a text cannot begin with '@': put it in quotes");
	expect_words("a: 1\n\xC3\xBC: `x`\n",
		     "f:2: a text cannot begin with '`': put it in quotes");
	expect_words("a: %5\n",
		     "f:1: a text cannot begin with '%': put it in quotes");
	expect_words("a:\n    b: 1\n  c: 2\n",
		     "f:3: expected 'key: value' here: look for a wrong "
		     "indentation, or a quote too many or too few, here or in "
		     "the lines above");
	expect_words("a: 'b' c\n",
		     "f:1: expected 'key: value' here: look for a wrong "
		     "indentation, or a quote too many or too few, here or in "
		     "the lines above");
	expect_words("- a\nb: 1\n",
		     "f:2: expected '- entry' here: look for a wrong "
		     "indentation, here or in the lines above");
	expect_words("a: 1\nb: [1, 2\nc: 3\n",
		     "f:2: the list that begins with '[' here lacks a ',' or "
		     "its ']'");
	expect_words("a: {b: 1\n",
		     "f:1: the map that begins with '{' here lacks a ',' or "
		     "its '}'");
	expect_words("a: ]\n", "f:1: expected a value here");
	expect_words("  a: 1\nb: 2\n",
		     "f:2: expected the end of the file here: look for a "
		     "wrong indentation, here or in the lines above");
	expect_words("a: 1\nb: \"x\nc: 2\n",
		     "f:2: the quote that begins here is never closed");
	expect_words("a: 'x\n---\nc: 2\n",
		     "f:1: the quote that begins here is not closed before the "
		     "next '---' or '...'");
	expect_words("a: \"\\d\"\n",
		     "f:1: a '\\' in double quotes begins an escape, and this "
		     "one is unknown: write '\\\\' for the character itself, "
		     "or use single quotes");
	expect_words("a: \"\\xg\"\n",
		     "f:1: a '\\x', '\\u' or '\\U' in double quotes needs 2, 4 "
		     "or 8 hex digits");
	expect_words("a: \"\\ud800\"\n",
		     "f:1: this escape names no character of Unicode");
	expect_words("a: |0\n  x\n", "f:1: the digit behind '|' or '>' is 1 to "
				     "9");
	expect_words("a: | x\n", "f:1: only a comment may stand behind this");
}

static void
test_what_is_no_text_is_refused(void **state)
{
	(void)state;
	expect_words_of("a: 1\nb: \0\n", 10,
			"f:2: the control character U+0000 is not allowed: "
			"save the file as UTF-8 text");
	expect_words("a: 1\r\nb: \x07\n",
		     "f:2: the control character U+0007 is not allowed: save "
		     "the file as UTF-8 text");
	expect_words("a: 1\rb: \xE2\x80\xA8\n",
		     "f:2: the control character U+2028 is not allowed: save "
		     "the file as UTF-8 text");
	expect_words("a: 1\n\xEF\xBB\xBF"
		     "b: 2\n",
		     "f:2: the control character U+FEFF is not allowed: save "
		     "the file as UTF-8 text");
	expect_words("a: gr\xFC\xDF\n",
		     "f:1: a byte (0xFC) that is not UTF-8 is not allowed: "
		     "save the file as UTF-8 text");
	expect_words("\n\n\xED\xA0\x80",
		     "f:3: a byte (0xED) that is not UTF-8 is not allowed: "
		     "save the file as UTF-8 text");
	expect_words_of("\xFF\xFE\x61\x00", 4,
			"f:1: a byte (0xFF) that is not UTF-8 is not allowed: "
			"save the file as UTF-8 text");
	expect_words("a: \"x\\0\"\n",
		     "f:1: the control character U+0000 is written here as an "
		     "escape: not allowed");
	expect_words("a: 1\n\"\\e[2J\": 1\n",
		     "f:2: the control character U+001B is written here as an "
		     "escape: not allowed");
	assert_int_equal(read_text("a: \"\\t\\r\\n\\u00fc\"\n"), 0);
	expect_text(yaml_get(file.root, "a"), "\t\r\n\xC3\xBC", false, 1);
	yaml_release(&file);
}

/* n times text, and then end. */
static char *
repeat(const char *text, size_t n, const char *end)
{
	struct buf buf;

	buf_init(&buf, (size_t)64 << 20);
	for (size_t i = 0; i < n; i++)
		buf_adds(&buf, text);
	buf_adds(&buf, end);
	assert_false(buf.failed);
	return buf_take(&buf);
}

static void
test_nesting_has_a_limit(void **state)
{
	(void)state;
	char *text = repeat("[", 100000, "");
	expect_words(text, "f:1: nested more than 16 levels deep");
	free(text);
	text = repeat("- ", 100000, "");
	expect_words(text, "f:1: nested more than 16 levels deep");
	free(text);
	text = repeat("{a: ", 100000, "");
	expect_words(text, "f:1: nested more than 16 levels deep");
	free(text);
	assert_int_equal(read_text("[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]"), 0);
	yaml_release(&file);
	expect_words("[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]",
		     "f:1: nested more than 16 levels deep");
}

static void
test_billion_laughs_is_refused_at_the_first(void **state)
{
	(void)state;
	expect_words("a: &a [lol,lol]\nb: &b [*a,*a]\nc: &c [*b,*b]\n",
		     "f:1: anchors ('&a') are not allowed: write the value "
		     "out, or put the text in quotes");
}

static void
test_values_have_a_limit(void **state)
{
	(void)state;
	char *text = repeat("- \n", 9999, "");
	assert_int_equal(read_text(text), 0);
	assert_int_equal(file.root->n, 9999);
	yaml_release(&file);
	free(text);
	text = repeat("- \n", 10000, "");
	expect_words(text, "f:10000: more than 10000 values: split the file, "
			   "or shorten it");
	free(text);
}

static void
test_length_has_a_limit(void **state)
{
	(void)state;
	char *text = repeat("x", (1 << 20) - 4, "\n# y");
	assert_int_equal(read_text(text), 0);
	yaml_release(&file);
	free(text);
	text = repeat("x", (1 << 20) - 4, "\n# yz");
	expect_words(text, "f:2: the file is longer than 1024 KiB");
	free(text);
}

static void
test_many_keys_are_compared_quickly(void **state)
{
	struct buf text;
	(void)state;
	buf_init(&text, (size_t)64 << 20);
	for (int i = 0; i < 500000; i++)
		buf_addf(&text, "key%d: %d\n", i, i);
	buf_adds(&text, "key77: again\n");
	assert_int_equal(yaml_read(&file, "f", text.data, text.len,
				   &yaml_limits_pack, &err),
			 -1);
	assert_string_equal(
		err.text,
		"f:500001: the key 'key77' stands in line 78 already");
	buf_release(&text);
}

static void
test_a_file_is_read_up_to_its_limit(void **state)
{
	char path[] = "/tmp/test_yaml.XXXXXX";
	char words[128];
	(void)state;
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a: 1\nb: @\n", 10), 10);
	assert_int_equal(
		yaml_read_file(&file, path, &yaml_limits_settings, &err), -1);
	snprintf(words, sizeof words,
		 "%s:2: a text cannot begin with '@': put it in quotes", path);
	assert_string_equal(err.text, words);
	assert_int_equal(pwrite(fd, "c", 1, 8), 1);
	assert_int_equal(
		yaml_read_file(&file, path, &yaml_limits_settings, &err), 0);
	expect_text(yaml_get(file.root, "b"), "c", true, 2);
	assert_string_equal(file.name, path);
	yaml_release(&file);
	/* A hole of 1 GiB costs no disk here, and must cost no memory. */
	assert_int_equal(ftruncate(fd, (off_t)1 << 30), 0);
	assert_int_equal(
		yaml_read_file(&file, path, &yaml_limits_settings, &err), -1);
	snprintf(words, sizeof words, "%s:3: the file is longer than 1024 KiB",
		 path);
	assert_string_equal(err.text, words);
	close(fd);
	unlink(path);
}

static void
test_a_file_that_cannot_be_read_is_named(void **state)
{
	(void)state;
	assert_int_equal(yaml_read_file(&file, "/nonexistent/x.yaml",
					&yaml_limits_settings, &err),
			 -1);
	assert_string_equal(err.text, "/nonexistent/x.yaml: cannot open it: No "
				      "such file or directory");
	assert_int_equal(
		yaml_read_file(&file, "/", &yaml_limits_settings, &err), -1);
	assert_string_equal(err.text, "/: cannot read it: Is a directory");
	yaml_release(&file);
}

static void
test_an_error_about_a_node_names_its_line(void **state)
{
	(void)state;
	assert_int_equal(read_text("a:\n  b: 1\n"), 0);
	const struct yaml *a = yaml_get(file.root, "a");
	assert_int_equal(
		yaml_error(&file, yaml_get(a, "b"), &err, "%s is %d", "it", 5),
		-1);
	assert_string_equal(err.text, "f:2: it is 5");
	assert_int_equal(yaml_error(&file, NULL, &err, "empty"), -1);
	assert_string_equal(err.text, "f: empty");
	assert_int_equal(yaml_error(&file, a, NULL, "nobody listens"), -1);
	yaml_release(&file);
}

static const struct yaml_field fields[] = {
	{"question", YAML_TEXT, true},
	{"tags", YAML_LIST, false},
	{"more", YAML_MAP, false},
	{NULL, 0, false},
};

static void
expect_fields(const char *text, const char *words)
{
	assert_int_equal(read_text(text), 0);
	assert_int_equal(yaml_check(&file, file.root, fields, &err),
			 words[0] ? -1 : 0);
	assert_string_equal(err.text, words);
	yaml_release(&file);
}

static void
test_a_map_is_checked_against_its_fields(void **state)
{
	(void)state;
	expect_fields("question: x\ntags: [a]\nmore: {a: 1}\n", "");
	expect_fields("question: x\ntags:\nmore:\n", "");
	expect_fields("question:\n", "");
	expect_fields("tags: [a]\n", "f:1: 'question' is missing");
	expect_fields("", "f: 'question' is missing");
	expect_fields("question: x\n\nquestoin: y\n",
		      "f:3: unknown key 'questoin', did you mean 'question'?");
	expect_fields("question: x\nzzz: y\n", "f:2: unknown key 'zzz'");
	expect_fields("question: [x]\n",
		      "f:1: 'question' must be a text, not a list ('- entry' "
		      "lines)");
	expect_fields("question: x\ntags: y\n",
		      "f:2: 'tags' must be a list ('- entry' lines), not a "
		      "text");
	expect_fields("question: x\ntags: ''\n",
		      "f:2: 'tags' must be a list ('- entry' lines), not a "
		      "text");
	expect_fields("question: x\nmore: [a]\n",
		      "f:2: 'more' must be a map ('key: value' lines), not a "
		      "list ('- entry' lines)");
	expect_fields("- a\n", "f:1: expected a map ('key: value' lines) here, "
			       "not a list ('- entry' lines)");
	expect_fields("words\n", "f:1: expected a map ('key: value' lines) "
				 "here, not a text");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_tree_has_keys_texts_and_lines),
		cmocka_unit_test(test_a_block_keeps_its_lines),
		cmocka_unit_test(test_an_empty_file_has_no_root),
		cmocka_unit_test(test_a_file_may_be_of_another_system),
		cmocka_unit_test(test_what_we_leave_out_of_yaml_is_refused),
		cmocka_unit_test(test_percent_within_a_text_is_no_directive),
		cmocka_unit_test(test_keys_are_texts_and_differ),
		cmocka_unit_test(test_a_slip_of_syntax_is_told_in_words),
		cmocka_unit_test(test_what_is_no_text_is_refused),
		cmocka_unit_test(test_nesting_has_a_limit),
		cmocka_unit_test(test_billion_laughs_is_refused_at_the_first),
		cmocka_unit_test(test_values_have_a_limit),
		cmocka_unit_test(test_length_has_a_limit),
		cmocka_unit_test(test_many_keys_are_compared_quickly),
		cmocka_unit_test(test_a_file_is_read_up_to_its_limit),
		cmocka_unit_test(test_a_file_that_cannot_be_read_is_named),
		cmocka_unit_test(test_an_error_about_a_node_names_its_line),
		cmocka_unit_test(test_a_map_is_checked_against_its_fields),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

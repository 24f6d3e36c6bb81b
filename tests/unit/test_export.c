/* Entries out of the store, as files that are read back. */
#include "import_fixture.h"

#include "faq/entry.h"

static char *
export_text(struct fixture *f, bool is_csv, bool with_drafts)
{
	struct buf out;

	buf_init(&out, 8 << 20);
	if (faq_export(f->store, is_csv, with_drafts, &out, &err) < 0)
		fail_msg("%s", err.text);
	char *text = arena_strdup(&f->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static void
test_export_is_easy_to_read(void **state)
{
	struct fixture *f = *state;

	read_text("f.yaml", "faq:\n"
			    "- id: a\n"
			    "  question: Say \"a\"?\n"
			    "  paraphrases: [b, c]\n"
			    "  answer: \"Ring {{phone}}:\\n\\n- now\"\n"
			    "  intent: i\n"
			    "  tags: [t, 'u: v']\n"
			    "  verbatim: true\n"
			    "  valid_to: 2026-05-03\n");
	import_file(f, "file:f.yaml", "approved", true);
	assert_string_equal(
		export_text(f, false, false),
		"# Entries of the FAQ.  An answer stands here as it was "
		"written: where it has\n"
		"# {{names}}, customers read the facts of those names.\n"
		"faq:\n"
		"- id: \"a\"\n"
		"  question: \"Say \\\"a\\\"?\"\n"
		"  paraphrases:\n"
		"  - \"b\"\n"
		"  - \"c\"\n"
		"  answer: |-\n"
		"    Ring {{phone}}:\n"
		"\n"
		"    - now\n"
		"  intent: \"i\"\n"
		"  tags:\n"
		"  - \"t\"\n"
		"  - \"u: v\"\n"
		"  language: \"en\"\n"
		"  verbatim: true\n"
		"  valid_to: \"2026-05-04T00:00:00.000Z\"\n");
	assert_string_equal(
		export_text(f, true, false),
		"\xEF\xBB\xBFid,question,paraphrases,answer,tags,intent,"
		"language,verbatim,valid_from,valid_to\r\n"
		"a,\"Say \"\"a\"\"?\",\"b | c\",\"Ring {{phone}}:\n\n- now\","
		"\"t,u: v\",i,en,true,,2026-05-04T00:00:00.000Z\r\n");
}

static void
test_export_has_drafts_when_they_are_wanted(void **state)
{
	struct fixture *f = *state;

	import_text(f, "id,question,answer\na,a,one\nb,b,one\n");
	read_text("f.csv", "id,question,answer\na,a,two\nc,c,one\n");
	import_file(f, "file:f.csv", "draft", false);
	read_text("f.csv", export_text(f, true, false));
	assert_int_equal(file.n, 2);
	assert_string_equal(file.entries[0].answer, "one");
	read_text("f.csv", export_text(f, true, true));
	assert_int_equal(file.n, 3);
	assert_string_equal(file.entries[0].answer, "two");
}

static void
test_export_that_does_not_fit_says_so(void **state)
{
	struct fixture *f = *state;
	struct buf out;

	import_text(f, "id,question,answer\na,a,one\n");
	buf_init(&out, 60);
	assert_int_equal(faq_export(f->store, true, false, &out, &err), -1);
	assert_words(err.text, "more than 60 bytes");
	buf_release(&out);
}

/* Pieces that mean something to YAML, CSV, CommonMark or templates. */
static const char *const pieces[] = {
	"a",
	"B",
	"word ",
	" ",
	"  ",
	"\n",
	"\n\n",
	"\n  ",
	"\n\t",
	"\t",
	":",
	": ",
	" #",
	"# ",
	"- ",
	"\n- ",
	"* ",
	"? ",
	"| ",
	" | ",
	"|",
	"\\",
	"\\|",
	"\\n",
	"\"",
	"\"\"",
	"'",
	"''",
	",",
	";",
	"=",
	"+",
	"-",
	"@",
	"%",
	"&",
	"!",
	"{",
	"}",
	"[",
	"]",
	"<b>",
	"`",
	"~",
	"...",
	"\n---\n",
	"\n...\n",
	"\xC3\xA4",
	"\xE2\x82\xAC",
	"\xF0\x9F\x98\x80",
	"\xC2\xA0",
	"\xE2\x80\x8F",
	"null",
	"true",
	"1.0",
	"0x1F",
	"\r\n",
	"\r",
	"{{phone}}",
};

/* Facts only where they may be. */
static const char *
nasty(struct fixture *f, unsigned int *seed, bool has_facts)
{
	const size_t n = sizeof pieces / sizeof *pieces - !has_facts;
	char *text = arena_strdup(&f->arena, "");

	for (int i = rand_r(seed) % 9; i >= 0; i--)
		text = arena_printf(&f->arena, "%s%s", text,
				    pieces[(size_t)rand_r(seed) % n]);
	/* Neither all blank nor an open fact. */
	text = arena_printf(&f->arena, "%sx%s", text,
			    pieces[(size_t)rand_r(seed) % n]);
	for (char *at = text; (at = strstr(at, "{{"));)
		if (strncmp(at, "{{phone}}", 9) == 0)
			at += 9;
		else
			at[1] = '(';
	return text;
}

static struct entry_text
text_of(const char *text)
{
	return (struct entry_text){text, 1};
}

static void
add_nasty(struct fixture *f, unsigned int *seed, struct entry_reader *reader,
	  int i)
{
	struct entry_text paraphrases[4], tags[3];
	struct entry_draft draft = {
		.file = "nasty",
		.line = i,
		.paraphrases = paraphrases,
		.tags = tags,
		.n_paraphrases = (size_t)rand_r(seed) % 5,
		.n_tags = (size_t)rand_r(seed) % 4,
	};

	draft.fields[ENTRY_ID] = text_of(arena_printf(&f->arena, "-%d.", i));
	draft.fields[ENTRY_QUESTION] = text_of(nasty(f, seed, false));
	draft.fields[ENTRY_ANSWER] = text_of(nasty(f, seed, true));
	for (size_t k = 0; k < draft.n_paraphrases; k++)
		paraphrases[k] = text_of(nasty(f, seed, false));
	for (size_t k = 0; k < draft.n_tags; k++) {
		char *tag = arena_strdup(&f->arena, nasty(f, seed, false));
		for (char *c = tag; (c = strchr(c, ','));)
			*c = '.';
		tags[k] = text_of(tag);
	}
	if (rand_r(seed) % 2)
		draft.fields[ENTRY_VERBATIM] = text_of("yes");
	if (rand_r(seed) % 2)
		draft.fields[ENTRY_VALID_FROM] =
			text_of("2026-05-03T01:02:03.004005+01:00");
	if (rand_r(seed) % 2)
		draft.fields[ENTRY_VALID_TO] = text_of("2027-05-03");
	if (entry_reader_add(reader, &draft, &err) < 0)
		fail_msg("%s", err.text);
}

static void
expect_same_file(const struct faq_file *a, const struct faq_file *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		const struct faq_version *x = &a->entries[i],
					 *y = &b->entries[i];
		assert_string_equal(x->name, y->name);
		assert_string_equal(x->question, y->question);
		assert_int_equal(x->n_variants, y->n_variants);
		for (size_t k = 0; k < x->n_variants; k++)
			assert_string_equal(x->variants[k], y->variants[k]);
		assert_string_equal(x->source, y->source);
		assert_string_equal(x->answer, y->answer);
		assert_string_equal(x->tags, y->tags);
		assert_string_equal(x->origin_hash, y->origin_hash);
	}
}

static void
test_what_is_exported_is_read_back_the_same(void **state)
{
	struct fixture *f = *state;
	unsigned int seed = 1784;
	struct entry_reader reader;
	struct faq_file nasty_file;

	entry_reader_init(&reader, &nasty_file, value_of, NULL);
	for (int i = 1; i <= 400; i++)
		add_nasty(f, &seed, &reader, i);
	entry_reader_end(&reader, 0);
	assert_int_equal(faq_import(f->store, &nasty_file, "file:nasty",
				    "approved", true, "ann", &result, &err),
			 0);
	expect_counts(400, 0, 0, 0, 0);
	read_text("f.yaml", export_text(f, false, false));
	expect_same_file(&nasty_file, &file);
	import_file(f, "file:other", "approved", true);
	expect_counts(0, 0, 400, 0, 0);
	read_text("f.csv", export_text(f, true, false));
	expect_same_file(&nasty_file, &file);
	import_file(f, "file:other", "approved", true);
	expect_counts(0, 0, 400, 0, 0);
	faq_file_release(&nasty_file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_export_is_easy_to_read),
		test(test_export_has_drafts_when_they_are_wanted),
		test(test_export_that_does_not_fit_says_so),
		test(test_what_is_exported_is_read_back_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

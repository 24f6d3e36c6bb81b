/* Entries from files: YAML, CSV and several files of a pack. */
#include "import_fixture.h"

#include "faq/entry.h"

static void
expect_words(const char *name, const char *text, const char *words)
{
	faq_file_release(&file);
	err = (struct err){0};
	assert_int_equal(faq_read_file(&file, name, text, strlen(text),
				       value_of, NULL, &err),
			 -1);
	assert_string_equal(err.text, words);
	assert_null(file.entries);
	assert_int_equal(file.n, 0);
}

static void
test_yaml_gives_entries(void **state)
{
	(void)state;
	read_text("f.yaml", "faq:\n"
			    "- id: card-lost\n"
			    "  question: >\n"
			    "    What if my\n"
			    "    card is  lost?\n"
			    "  paraphrases: [lost card, ' where is it ']\n"
			    "  answer: |\n"
			    "\n"
			    "    Call {{phone}}.\n"
			    "\n"
			    "      - now\n"
			    "\n"
			    "  intent: card_lost\n"
			    "  tags: [card, emergency]\n"
			    "  language: de\n"
			    "  verbatim: true\n"
			    "  valid_from: 2026-05-03\n"
			    "  valid_to: 2026-05-04\n"
			    "- question: What's new?\n"
			    "  answer: Nothing.\n");
	assert_int_equal(file.n, 2);
	const struct faq_version *e = &file.entries[0];
	assert_string_equal(e->name, "card-lost");
	assert_string_equal(e->question, "What if my card is lost?");
	assert_int_equal(e->n_variants, 2);
	assert_string_equal(e->variants[0], "lost card");
	assert_string_equal(e->variants[1], "where is it");
	assert_string_equal(e->answer, "Call 0800 1.\n\n  - now");
	assert_string_equal(e->source, "Call {{phone}}.\n\n  - now");
	assert_string_equal(e->intent, "card_lost");
	assert_string_equal(e->tags, "card,emergency");
	assert_string_equal(e->language, "de");
	assert_true(e->is_verbatim);
	assert_int_equal(e->valid_to_us - e->valid_from_us,
			 INT64_C(2) * 86400 * 1000000);
	assert_int_equal(strlen(e->origin_hash), 64);
	e++;
	assert_string_equal(e->name, "what-s-new");
	assert_string_equal(e->source, e->answer);
	assert_string_equal(e->language, "en");
	assert_string_equal(e->tags, "");
	assert_int_equal(e->n_variants, 0);
	assert_false(e->is_verbatim);
}

static void
test_language_of_a_file_is_that_of_its_entries(void **state)
{
	(void)state;
	read_text("f.yml", "language: de\n"
			   "faq:\n"
			   "- {question: a, answer: b}\n"
			   "- {question: c, answer: d, language: pt-BR}\n");
	assert_string_equal(file.entries[0].language, "de");
	assert_string_equal(file.entries[1].language, "pt-BR");
	read_text("f.yml", "faq:\n");
	assert_int_equal(file.n, 0);
}

static void
test_csv_gives_entries(void **state)
{
	(void)state;
	read_text("f.csv",
		  "\xEF\xBB\xBFQuestion; ANSWER ;Paraphrases;tags;id\r\n"
		  "How?;\"So,\r\nor so; ring {{phone}}\";"
		  "why | what \\| that|\\ | | when;\"a, b c,\";how-1\r\n"
		  ";;;;\r\n"
		  "\r\n"
		  "Wie l\xC3\xB6sche ich mein Konto?;'=1+1;;;\r\n");
	assert_int_equal(file.n, 2);
	const struct faq_version *e = &file.entries[0];
	assert_string_equal(e->name, "how-1");
	assert_string_equal(e->question, "How?");
	assert_string_equal(e->answer, "So,\nor so; ring 0800 1");
	assert_string_equal(e->source, "So,\nor so; ring {{phone}}");
	assert_int_equal(e->n_variants, 3);
	assert_string_equal(e->variants[0], "why");
	assert_string_equal(e->variants[1], "what | that|\\");
	assert_string_equal(e->variants[2], "| when");
	assert_string_equal(e->tags, "a,b c");
	e++;
	assert_string_equal(e->name, "wie-losche-ich-mein-konto");
	assert_string_equal(e->answer, "=1+1");
}

static void
test_slips_in_yaml_are_named_with_their_line(void **state)
{
	(void)state;
	expect_words("f.yaml", "faq:\n- question: a\n",
		     "f.yaml:2: 'answer' is missing");
	expect_words("f.yaml", "faq:\n- question: a\n  answer: b\n  tag: c\n",
		     "f.yaml:4: unknown key 'tag', did you mean 'tags'?");
	expect_words("f.yaml", "faq:\n- just text\n",
		     "f.yaml:2: an entry is a map with question and answer");
	expect_words("f.yaml",
		     "faq:\n- {question: a, answer: b}\n"
		     "- {question: A?, answer: b}\n",
		     "f.yaml:3: the question is that of f.yaml:2: make one "
		     "entry of both, or give this one an id");
	expect_words("f.yaml",
		     "faq:\n- {id: x, question: a, answer: b}\n"
		     "- {question: c, answer: d,\n   id: x}\n",
		     "f.yaml:4: the id 'x' stands in f.yaml:2 already");
	expect_words("f.yaml", "faq:\n- question: a\n  answer:\n  id: b\n",
		     "f.yaml:3: the answer is missing");
	expect_words("f.yaml", "faq:\n- question: '  '\n  answer: a\n",
		     "f.yaml:2: the question is missing");
	expect_words("f.yaml",
		     "faq:\n- question: a\n  answer: b\n  paraphrases:\n"
		     "  - c\n  - ''\n",
		     "f.yaml:6: a paraphrase is missing");
	expect_words("f.yaml",
		     "faq:\n- question: a\n  answer: b\n  tags:\n"
		     "  - [c]\n",
		     "f.yaml:5: a text is expected here");
	expect_words("f.yaml", "faq:\n- question: a\n  answer: b\n  id: a b\n",
		     "f.yaml:4: the id 'a b' is not 1 to 120 letters (a-z), "
		     "digits, '-', '.' or '_'");
	expect_words("f.yaml",
		     "faq:\n- question: a\n  answer: b\n  verbatim: maybe\n",
		     "f.yaml:4: verbatim is true or false");
	expect_words("f.yaml",
		     "faq:\n- question: a\n  answer: b\n  language: German\n",
		     "f.yaml:4: 'German' is no language: write en, de, pt-BR "
		     "or the like");
	expect_words("f.yaml",
		     "faq:\n- question: a\n  answer: b\n  valid_from: May\n",
		     "f.yaml:4: 'May' is no time: write 2026-05-03, or "
		     "2026-05-03T14:00:00Z");
	expect_words("f.yaml",
		     "faq:\n- question: a\n  answer: b\n"
		     "  valid_from: 2026-05-03\n  valid_to: 2026-05-02\n",
		     "f.yaml:5: valid_to is not after valid_from");
	expect_words("f.yaml",
		     "faq:\n- question: a\n  answer: b\n  tags: ['c,d']\n",
		     "f.yaml:4: the tag 'c,d' holds a comma: make two of it");
	expect_words("f.yaml",
		     "faq:\n- question: a\n  answer: b\n  intent: c d\n",
		     "f.yaml:4: the intent 'c d' is no name of one");
}

static void
test_unknown_facts_are_named(void **state)
{
	(void)state;
	expect_words("f.yaml",
		     "faq:\n- id: x\n  question: a\n"
		     "  answer: Call {{phome}}.\n",
		     "f.yaml:4: in the answer of 'x', there is no value for "
		     "'{{phome}}'");
	expect_words("f.csv", "question,answer\na,b\nc,\"d\n{{e}}\"\n",
		     "f.csv:3: in the answer of 'c', there is no value for "
		     "'{{e}}'");
	expect_words("f.yaml",
		     "faq:\n- question: Is {{phone}} free?\n"
		     "  answer: a\n",
		     "f.yaml:2: '{{' stands in a question: facts are filled "
		     "in answers only");
	static const char text[] = "question,answer\na,{{phone}}\n";
	faq_file_release(&file);
	assert_int_equal(
		faq_read_csv(&file, "f", text, strlen(text), NULL, NULL, &err),
		-1);
	assert_words(err.text, "there is no value for '{{phone}}'");
}

static void
test_slips_in_csv_are_named_with_their_line(void **state)
{
	(void)state;
	expect_words("f.csv", "", "f.csv:1: the first line must name columns");
	expect_words("f.csv", "question\na\n",
		     "f.csv:1: a column 'answer' is missing");
	expect_words("f.csv", "question,anwser\na,b\n",
		     "f.csv:1: unknown column 'anwser', did you mean "
		     "'answer'?");
	expect_words("f.csv", "question,answer,frage\na,b,c\n",
		     "f.csv:1: unknown column 'frage': the first line names "
		     "columns, and known are id, question, paraphrases, "
		     "answer, tags, intent, language, verbatim, valid_from "
		     "and valid_to");
	expect_words("f.csv", "question,answer,Question\na,b,c\n",
		     "f.csv:1: two columns 'question'");
	expect_words("f.csv", "question,answer\n\na\n",
		     "f.csv:3: 1 cells, but 2 columns");
	expect_words("f.csv", "question,answer\n\"a\n\",b, c\n",
		     "f.csv:3: more cells than columns (2): put texts with "
		     "',' in quotes");
	read_text("f.csv", "question,answer\na,b,,\n");
	expect_words("f.csv", "question,answer\na,\nb,c\n",
		     "f.csv:2: the answer is missing");
	expect_words("f.csv", "question,answer\na,b\n\"A!\",c\n",
		     "f.csv:3: the question is that of f.csv:2: make one "
		     "entry of both, or give this one an id");
	expect_words("f.txt", "",
		     "f.txt: entries come from files that end with .yaml, "
		     ".yml, .csv or .tsv");
	expect_words(".csv", "",
		     ".csv: entries come from files that end with .yaml, "
		     ".yml, .csv or .tsv");
}

/* A row with n characters (of two bytes) in a column. */
static char *
row_with(struct arena *arena, const char *before, size_t n, const char *after)
{
	char *text = arena_new(arena, 2 * n + 1);

	for (size_t i = 0; i < n; i++)
		memcpy(text + 2 * i, "\xC3\xA4", 2);
	return arena_printf(arena, "question,answer,paraphrases\n%s%s%s",
			    before, text, after);
}

static void
test_lengths_are_limited_in_characters(void **state)
{
	struct arena arena = {0};

	(void)state;
	read_text("f.csv", row_with(&arena, "a,", 8000, ","));
	read_text("f.csv", row_with(&arena, "a,b,", 500, ""));
	expect_words("f.csv", row_with(&arena, "a,", 8001, ","),
		     "f.csv:2: the answer has 8001 characters, 8000 are "
		     "allowed");
	expect_words("f.csv", row_with(&arena, "a,b,", 501, ""),
		     "f.csv:2: a paraphrase has 501 characters, 500 are "
		     "allowed");
	expect_words("f.csv", row_with(&arena, "", 501, ",b,"),
		     "f.csv:2: the question has 501 characters, 500 are "
		     "allowed");
	char *text = arena_strdup(&arena, "question,answer,paraphrases\na,b,c");
	for (int i = 0; i < 49; i++)
		text = arena_printf(&arena, "%s | c", text);
	read_text("f.csv", text);
	assert_int_equal(file.entries[0].n_variants, 50);
	expect_words("f.csv", arena_printf(&arena, "%s | c", text),
		     "f.csv:2: 51 paraphrases, 50 are allowed");
	arena_release(&arena);
}

static void
test_answer_with_its_facts_is_limited_too(void **state)
{
	struct arena arena = {0};
	char *text = arena_new(&arena, 10000);
	const char *before = phone;

	(void)state;
	memset(text, 'x', 8001);
	phone = text;
	expect_words("f.csv", "question,answer\na,{{phone}}\n",
		     "f.csv:2: the answer with its facts has 8001 characters, "
		     "8000 are allowed");
	phone = before;
	arena_release(&arena);
}

static void
test_names_come_from_questions(void **state)
{
	static const struct {
		const char *question, *name;
	} names[] = {
		{"How do I block my card?", "how-do-i-block-my-card"},
		{"  What's -- THE fee?!", "what-s-the-fee"},
		{"\xC3\x9C"
		 "ber \xC5\x81\xC3\xB3"
		 "d\xC5\xBA und \xC3\x9F",
		 "uber-lodz-und-s"},
		{"\xE2\x80\x9Ewhat\xE2\x80\x9C\xE2\x80\xA6 \xE2\x80\x93 then",
		 "what-then"},
		{"Is 5% more than 5?", "is-5-more-than-5-"},
		{"Is 5 more than 5?", "is-5-more-than-5"},
		{"\xE5\x8F\xA3\xE5\xBA\xA7", "q-"},
		{"???", "q-"},
		{"one two three four five six seven eight nine ten eleven "
		 "twelve thirteen",
		 "one-two-three-four-five-six-seven-eight-nine-ten-eleven-"},
	};
	char name[KNOWLEDGE_NAME_MAX + 1], again[sizeof name];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t len = strlen(names[i].name);
		entry_name(names[i].question, name);
		assert_memory_equal(name, names[i].name, len);
		bool has_hash = names[i].name[len - 1] == '-';
		assert_int_equal(strlen(name), len + (has_hash ? 8 : 0));
		assert_true(store_is_entry_name(name));
		entry_name(names[i].question, again);
		assert_string_equal(name, again);
	}
}

static void
test_pack_is_one_file_of_several(void **state)
{
	static const char a[] =
		"language: de\nfaq:\n- {question: a, answer: b}\n";
	static const char b[] = "faq:\n- {question: c, answer: d}\n";
	static const char doubled[] = "faq:\n- {question: c, answer: d}\n"
				      "- {question: e, answer: f,\n   id: a}\n";
	struct faq_text texts[] = {
		{"a.yaml", a, sizeof a - 1},
		{"b.yaml", b, sizeof b - 1},
	};

	(void)state;
	faq_file_release(&file);
	assert_int_equal(faq_read_pack(&file, texts, 2, value_of, NULL, &err),
			 0);
	assert_int_equal(file.n, 2);
	assert_string_equal(file.entries[0].language, "de");
	assert_string_equal(file.entries[1].language, "en");
	faq_file_release(&file);
	texts[1].text = doubled;
	texts[1].len = sizeof doubled - 1;
	assert_int_equal(faq_read_pack(&file, texts, 2, value_of, NULL, &err),
			 -1);
	assert_string_equal(err.text, "b.yaml:4: the id 'a' stands in a.yaml:3 "
				      "already");
	assert_int_equal(faq_read_pack(&file, texts, 0, value_of, NULL, &err),
			 0);
	assert_int_equal(file.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_yaml_gives_entries),
		test(test_language_of_a_file_is_that_of_its_entries),
		test(test_csv_gives_entries),
		test(test_slips_in_yaml_are_named_with_their_line),
		test(test_unknown_facts_are_named),
		test(test_slips_in_csv_are_named_with_their_line),
		test(test_lengths_are_limited_in_characters),
		test(test_answer_with_its_facts_is_limited_too),
		test(test_names_come_from_questions),
		test(test_pack_is_one_file_of_several),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

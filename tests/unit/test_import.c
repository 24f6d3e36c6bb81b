/* Entries from files into the store, and out again. */
#include "store_fixture.h"

#include <pthread.h>

#include "base/buf.h"
#include "faq/entry.h"
#include "faq/import.h"

/* ---- Facts ----------------------------------------------------------------
 */

static const char *phone = "0800 1";

static const char *
value_of(const void *facts, const char *name, size_t len)
{
	(void)facts;
	if (len == 5 && memcmp(name, "phone", 5) == 0)
		return phone;
	return len == 4 && memcmp(name, "same", 4) == 0 ? phone : NULL;
}

/* ---- Reading ---------------------------------------------------------------
 */

static struct faq_file file;
static struct err err;

static void
read_text(const char *name, const char *text)
{
	faq_file_release(&file);
	if (faq_read_file(&file, name, text, strlen(text), value_of, NULL,
			  &err) < 0)
		fail_msg("%s", err.text);
}

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

/* ---- Importing -------------------------------------------------------------
 */

static struct import_result result;

static void
import_file(struct fixture *f, const char *origin, const char *state,
	    bool retire_missing)
{
	import_result_release(&result);
	if (faq_import(f->store, &file, origin, state, retire_missing, "ann",
		       &result, &err) < 0)
		fail_msg("%s", err.text);
}

static void
import_text(struct fixture *f, const char *text)
{
	read_text("f.csv", text);
	import_file(f, "file:f.csv", "approved", true);
}

/* What the last import did. */
static void
expect_counts(long added, long changed, long same, long retired, long conflicts)
{
	if (result.added == added && result.changed == changed &&
	    result.same == same && result.retired == retired &&
	    result.conflicts == conflicts)
		return;
	fail_msg("%ld added, %ld changed, %ld same, %ld retired, %ld "
		 "conflicts",
		 result.added, result.changed, result.same, result.retired,
		 result.conflicts);
}

static int
write_version(void *arg, const struct faq_version *version, struct err *unused)
{
	struct buf *out = arg;

	(void)unused;
	return buf_addf(out, "%s%s@%d=%s", out->len ? " " : "", version->name,
			version->version, version->answer);
}

static char *
in_force(struct fixture *f)
{
	struct store_reader *reader = store_read_begin(f->store, &err);
	struct buf out;

	buf_init(&out, 1 << 20);
	assert_int_equal(
		store_each_in_force(reader, 0, write_version, &out, &err), 0);
	store_read_end(reader);
	char *text = arena_strdup(&f->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static int
put_by_hand(struct fixture *f, const char *name, const char *answer, int newest)
{
	struct faq_version version = {
		.name = name,
		.question = "By hand?",
		.answer = answer,
	};
	struct store_put_version put = {
		.write.verb = &store_verb_put_version,
		.version = &version,
		.newest = newest,
		.is_approved = true,
		.actor = "bob",
		.now_us = NOW_US,
	};

	assert_int_equal(store_call(f->store, &put.write), STORE_OK);
	return put.number;
}

static void
judge(struct fixture *f, const char *name, bool is_approval)
{
	struct store_judge_version judge = {
		.write.verb = &store_verb_judge_version,
		.name = name,
		.is_approval = is_approval,
		.actor = "bob",
		.now_us = NOW_US,
	};

	if (store_call(f->store, &judge.write) != STORE_OK)
		fail_msg("%s", judge.write.err.text);
}

static void
test_import_adds_and_changes_what_changed(void **state)
{
	struct fixture *f = *state;

	import_text(f, "id,question,answer\na,a,one\nb,b,one\n");
	expect_counts(2, 0, 0, 0, 0);
	assert_int_equal(result.generation, 1);
	import_text(f, "id,question,answer\nb,b,two\na,a,one\nc,c,one\n");
	expect_counts(1, 1, 1, 0, 0);
	assert_int_equal(result.generation, 2);
	assert_string_equal(in_force(f), "a@1=one b@2=two c@1=one");
}

static void
test_import_of_the_same_writes_nothing(void **state)
{
	struct fixture *f = *state;

	import_text(f, "id,question,answer\na,a,one\nb,b,one\n");
	import_text(f, "id,answer,question\nb,one,b\n\na,one,a\n");
	expect_counts(0, 0, 2, 0, 0);
	assert_int_equal(result.generation, 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM import"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit"), 1);
}

static void
test_changed_fact_makes_a_new_version(void **state)
{
	struct fixture *f = *state;
	static const char text[] = "id,question,answer\na,a,ring {{phone}}\n"
				   "b,b,do not ring\n";
	const char *before = phone;

	import_text(f, text);
	phone = "0800 2";
	import_text(f, text);
	phone = before;
	expect_counts(0, 1, 1, 0, 0);
	assert_string_equal(in_force(f), "a@2=ring 0800 2 b@1=do not ring");
	/* So does another fact of the same value: it may change alone. */
	phone = "0800 2";
	import_text(f, "id,question,answer\na,a,ring {{same}}\n"
		       "b,b,do not ring\n");
	phone = before;
	expect_counts(0, 1, 1, 0, 0);
}

static void
test_entry_that_was_edited_is_left_alone_and_named(void **state)
{
	struct fixture *f = *state;

	import_text(f, "id,question,answer\na,a,one\nb,b,one\n");
	put_by_hand(f, "a", "by hand", 1);
	/* The file is as it was when it was edited. */
	import_text(f, "id,question,answer\na,a,one\nb,b,one\n");
	expect_counts(0, 0, 2, 0, 0);
	import_text(f, "id,question,answer\na,a,two\nb,b,two\n");
	expect_counts(0, 1, 0, 0, 1);
	assert_int_equal(result.n_conflict_names, 1);
	assert_string_equal(result.conflict_names[0], "a");
	assert_string_equal(in_force(f), "a@2=by hand b@2=two");
}

static void
test_entry_of_another_origin_is_left_alone(void **state)
{
	struct fixture *f = *state;

	import_text(f, "id,question,answer\na,a,one\nb,b,one\n");
	read_text("g.csv", "id,question,answer\na,a,one\nb,b,two\n");
	import_file(f, "file:g.csv", "approved", true);
	expect_counts(0, 0, 1, 0, 1);
	assert_string_equal(result.conflict_names[0], "b");
	/* Once its own file has let it go, it may have it. */
	import_text(f, "id,question,answer\na,a,one\n");
	expect_counts(0, 0, 1, 1, 0);
	read_text("g.csv", "id,question,answer\na,a,one\nb,b,two\n");
	import_file(f, "file:g.csv", "approved", true);
	expect_counts(1, 0, 1, 0, 0);
	assert_string_equal(in_force(f), "a@1=one b@2=two");
}

static void
test_what_is_missing_is_retired_if_nobody_edited_it(void **state)
{
	struct fixture *f = *state;

	import_text(f, "id,question,answer\na,a,one\nb,b,one\nc,c,one\n");
	put_by_hand(f, "b", "by hand", 1);
	put_by_hand(f, "d", "by hand", 0);
	import_text(f, "id,question,answer\nc,c,one\n");
	expect_counts(0, 0, 1, 1, 0);
	assert_string_equal(in_force(f), "b@2=by hand c@1=one d@1=by hand");
	long generation = result.generation;
	import_text(f, "id,question,answer\nc,c,one\n");
	expect_counts(0, 0, 1, 0, 0);
	assert_int_equal(result.generation, generation);
	import_text(f, "id,question,answer\na,a,one\nc,c,one\n");
	expect_counts(1, 0, 1, 0, 0);
	assert_string_equal(in_force(f),
			    "a@2=one b@2=by hand c@1=one d@1=by hand");
	read_text("f.csv", "id,question,answer\nc,c,one\n");
	import_file(f, "file:f.csv", "approved", false);
	expect_counts(0, 0, 1, 0, 0);
}

static void
test_retired_by_hand_stays_so_until_the_file_changes(void **state)
{
	struct fixture *f = *state;

	import_text(f, "id,question,answer\na,a,one\n");
	judge(f, "a", false);
	import_text(f, "id,question,answer\na,a,one\n");
	expect_counts(0, 0, 1, 0, 0);
	assert_string_equal(in_force(f), "");
	import_text(f, "id,question,answer\nb,b,one\n");
	expect_counts(1, 0, 0, 0, 0);
	import_text(f, "id,question,answer\na,a,two\nb,b,one\n");
	expect_counts(0, 1, 1, 0, 0);
	assert_string_equal(in_force(f), "a@2=two b@1=one");
}

static void
test_drafts_are_approved_one_by_one_or_by_importing_again(void **state)
{
	struct fixture *f = *state;

	read_text("f.csv", "id,question,answer\na,a,one\nb,b,one\n");
	import_file(f, "file:f.csv", "draft", false);
	expect_counts(2, 0, 0, 0, 0);
	assert_string_equal(in_force(f), "");
	judge(f, "a", true);
	import_file(f, "file:f.csv", "draft", false);
	expect_counts(0, 0, 2, 0, 0);
	import_file(f, "file:f.csv", "approved", false);
	expect_counts(0, 1, 1, 0, 0);
	assert_string_equal(in_force(f), "a@1=one b@2=one");
	assert_int_equal(faq_import(f->store, &file, "file:f.csv", "retired",
				    false, "ann", &result, &err),
			 -1);
}

static void
edit_text(struct fixture *f, const char *text, const char *state)
{
	read_text("f.csv", text);
	import_file(f, "hand", state, false);
}

static void
test_edit_by_hand_is_a_new_version_whoever_made_the_last(void **state)
{
	struct fixture *f = *state;

	import_text(f, "id,question,answer\na,a,one\nb,b,one\n");
	edit_text(f, "id,question,answer\na,a,two\nc,c,two\n", "approved");
	expect_counts(1, 1, 0, 0, 0);
	assert_int_equal(result.generation, 3);
	assert_string_equal(in_force(f), "a@2=two b@1=one c@1=two");
	edit_text(f, "id,question,answer\na,a,two\nb,b,one\n", "approved");
	expect_counts(0, 0, 2, 0, 0);
	edit_text(f, "id,question,answer\nb,b,two\n", "draft");
	expect_counts(0, 1, 0, 0, 0);
	edit_text(f, "id,question,answer\nb,b,two\n", "approved");
	expect_counts(0, 1, 0, 0, 0);
	judge(f, "a", false);
	edit_text(f, "id,question,answer\na,a,two\n", "approved");
	expect_counts(1, 0, 0, 0, 0);
	assert_string_equal(in_force(f), "a@3=two b@3=two c@1=two");
	import_text(f, "id,question,answer\na,a,one\nb,b,one\n");
	expect_counts(0, 0, 2, 0, 0);
	assert_int_equal(faq_import(f->store, &file, "hand", "draft", true,
				    "ann", &result, &err),
			 -1);
}

static void
test_preview_says_the_same_and_writes_nothing(void **state)
{
	struct fixture *f = *state;

	import_text(f, "id,question,answer\na,a,one\nb,b,one\n");
	read_text("f.csv", "id,question,answer\na,a,two\nc,c,one\n");
	import_result_release(&result);
	assert_int_equal(faq_import_preview(f->store, &file, "file:f.csv",
					    "approved", true, &result, &err),
			 0);
	expect_counts(1, 1, 0, 1, 0);
	assert_int_equal(result.generation, 1);
	assert_string_equal(in_force(f), "a@1=one b@1=one");
}

static void
test_only_so_many_conflicts_are_named(void **state)
{
	struct fixture *f = *state;
	char *text = arena_strdup(&f->arena, "id,question,answer\n");

	for (int i = 0; i < 30; i++) {
		const char *name = arena_printf(&f->arena, "n%d", i);
		put_by_hand(f, name, "by hand", 0);
		text = arena_printf(&f->arena, "%s%s,q%d,one\n", text, name, i);
	}
	import_text(f, text);
	expect_counts(0, 0, 0, 0, 30);
	assert_int_equal(result.n_conflict_names, 20);
	assert_string_equal(result.conflict_names[19], "n19");
}

static void *
import_in_thread(void *f)
{
	import_file(f, "file:f.csv", "approved", true);
	return NULL;
}

static void
end_put(struct store_write *write)
{
	(void)write;
}

static void
test_edit_while_an_import_is_on_its_way_stays(void **state)
{
	struct fixture *f = *state;
	struct faq_version version = {
		.name = "a",
		.question = "By hand?",
		.answer = "by hand",
	};
	struct store_put_version put = {
		.write = {.verb = &store_verb_put_version, .done = end_put},
		.version = &version,
		.newest = 1,
		.is_approved = true,
		.actor = "bob",
	};
	struct store_health health = {.queue_length = 0};
	pthread_t thread;
	struct hold hold;

	import_text(f, "id,question,answer\na,a,one\nb,b,one\n");
	read_text("f.csv", "id,question,answer\na,a,two\nb,b,two\n");
	hold_begin(f, &hold);
	store_health(f->store, &health);
	size_t before = health.queue_length;
	pthread_create(&thread, NULL, import_in_thread, f);
	/* The import knows what there is once its first write waits. */
	while (health.queue_length <= before) {
		usleep(1000);
		store_health(f->store, &health);
	}
	store_submit(f->store, &put.write);
	hold_end(&hold);
	pthread_join(thread, NULL);
	assert_int_equal(put.write.status, STORE_OK);
	expect_counts(0, 1, 0, 0, 1);
	assert_string_equal(result.conflict_names[0], "a");
	assert_string_equal(in_force(f), "a@2=by hand b@2=two");
}

/* More entries than a slice has, of which many are long. */
static char *
long_text(struct fixture *f, int n, const char *answer)
{
	struct buf out;

	buf_init(&out, 8 << 20);
	buf_adds(&out, "id,question,answer\n");
	for (int i = 0; i < n; i++) {
		buf_addf(&out, "n%d,q%d,%s", i, i, answer);
		for (int j = 0; j < i % 500; j++)
			buf_adds(&out, " word");
		buf_addc(&out, '\n');
	}
	char *text = arena_strdup(&f->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static void
test_slices_become_visible_at_once(void **state)
{
	struct fixture *f = *state;

	import_text(f, long_text(f, 1500, "one"));
	expect_counts(1500, 0, 0, 0, 0);
	assert_int_equal(result.generation, 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM faq_version"), 1500);
	import_text(f, "id,question,answer\nn7,q7,one word word word word word "
		       "word word\n");
	expect_counts(0, 0, 1, 1499, 0);
	assert_int_equal(result.generation, 2);
	assert_string_equal(in_force(f), "n7@1=one word word word word word "
					 "word word");
}

static void
test_import_after_one_that_died_finds_a_clean_store(void **state)
{
	struct fixture *f = *state;
	struct store_begin_import begin = {
		.write.verb = &store_verb_begin_import,
		.origin = "file:f.csv",
		.actor = "ann",
		.now_us = NOW_US,
	};

	read_text("f.csv", long_text(f, 350, "one"));
	assert_int_equal(store_call(f->store, &begin.write), STORE_OK);
	for (size_t i = 0; i < file.n; i++) {
		const struct faq_version *one = &file.entries[i];
		struct store_add_versions add = {
			.write.verb = &store_verb_add_versions,
			.import_id = begin.import_id,
			.versions = &one,
			.n_versions = 1,
			.is_approved = true,
			.actor = "ann",
			.now_us = NOW_US,
		};
		assert_int_equal(store_call(f->store, &add.write), STORE_OK);
	}
	close_store(f);
	open_store(f);
	assert_string_equal(in_force(f), "");
	import_text(f, "id,question,answer\nn1,q1,new\n");
	expect_counts(1, 0, 0, 0, 0);
	assert_string_equal(in_force(f), "n1@1=new");
	assert_int_equal(count_of(f, "SELECT count(*) FROM faq_version"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM faq"), 1);
}

/* ---- Exporting -------------------------------------------------------------
 */

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

static int
release_all(void **state)
{
	faq_file_release(&file);
	import_result_release(&result);
	return tear_down(state);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, release_all)

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
		test(test_import_adds_and_changes_what_changed),
		test(test_import_of_the_same_writes_nothing),
		test(test_changed_fact_makes_a_new_version),
		test(test_entry_that_was_edited_is_left_alone_and_named),
		test(test_entry_of_another_origin_is_left_alone),
		test(test_what_is_missing_is_retired_if_nobody_edited_it),
		test(test_retired_by_hand_stays_so_until_the_file_changes),
		test(test_drafts_are_approved_one_by_one_or_by_importing_again),
		test(test_edit_by_hand_is_a_new_version_whoever_made_the_last),
		test(test_preview_says_the_same_and_writes_nothing),
		test(test_only_so_many_conflicts_are_named),
		test(test_edit_while_an_import_is_on_its_way_stays),
		test(test_slices_become_visible_at_once),
		test(test_import_after_one_that_died_finds_a_clean_store),
		test(test_export_is_easy_to_read),
		test(test_export_has_drafts_when_they_are_wanted),
		test(test_export_that_does_not_fit_says_so),
		test(test_what_is_exported_is_read_back_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

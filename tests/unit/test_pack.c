/* Packs: what is read, what is refused and in which words. */
#include "test.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nlu/entity.h"
#include "nlu/intent.h"
#include "packs.h"

static struct err err;

static void
expect_words(const struct pack_files *files, const char *words)
{
	struct pack *pack = pack_of_files(files, &err);

	if (pack)
		fail_msg("read, but should say: %s", words);
	assert_string_equal(err.text, words);
}

static void
test_a_pack_is_read(void **state)
{
	struct pack_files files = {
		.facts = "bank: {name: Alder}\n",
		.faq = "faq: []\n",
		.intents = "intents:\n"
			   "- name: cards\n"
			   "  description: about cards of {{bank.name}}\n"
			   "  examples: [my card, new card]\n",
	};
	struct pack *pack = pack_of_files(&files, &err);

	(void)state;
	assert_non_null(pack);
	assert_string_equal(pack->name, "small");
	assert_string_equal(pack->language, "en");
	assert_string_equal(pack->title, "A small desk");
	assert_string_equal(pack->dir, "");
	assert_int_equal(strlen(pack->hash), 64);
	assert_string_equal(pack->texts[TEXT_CRASHED], "the crashed");
	assert_string_equal(facts_value(&pack->facts, "bank.name", 9), "Alder");
	assert_int_equal(pack->n_triggers, 1);
	assert_int_equal(pack->n_smalltalk, 0);
	assert_int_equal(pack->n_intents, 1);
	assert_string_equal(pack->intents[0].name, "cards");
	assert_string_equal(pack->intents[0].description,
			    "about cards of Alder");
	assert_int_equal(pack->intents[0].n_examples, 2);
	assert_string_equal(pack->intents[0].examples[1], "new card");
	assert_int_equal(pack->n_faq_files, 1);
	assert_string_equal(pack->faq_files[0], "faq/a.yaml");
	pack_free(pack);
}

static void
test_without_small_talk_there_is_none(void **state)
{
	struct pack *pack = pack_of_files(&(struct pack_files){0}, &err);

	(void)state;
	assert_non_null(pack);
	assert_null(pack_smalltalk(pack, "hi", 2));
	assert_non_null(pack_trigger(pack, "human", 5));
	pack_free(pack);
	pack_free(NULL);
}

static void
test_texts_have_their_facts_and_keep_their_moment(void **state)
{
	char texts[4096];

	(void)state;
	snprintf(texts, sizeof texts, "%s", pack_plain_texts());
	char *at = strstr(texts, "the claimed");
	assert_non_null(at);
	memcpy(at, "'{{agent}}'", 11);
	struct pack_files files = {.texts = texts};
	struct pack *pack = pack_of_files(&files, &err);
	assert_non_null(pack);
	assert_string_equal(pack->texts[TEXT_CLAIMED], "{{agent}}");
	pack_free(pack);

	/* What one text may have another may not. */
	snprintf(texts, sizeof texts, "%s", pack_plain_texts());
	at = strstr(texts, "the out_of_scope");
	assert_non_null(at);
	memcpy(at, "'{{agent}}'     ", 16);
	expect_words(&files, "texts.yaml:2: 'out_of_scope': there is no value "
			     "for '{{agent}}'");
}

static void
test_a_text_that_is_missing_or_unknown_is_named(void **state)
{
	char texts[4096];
	struct pack_files files = {.texts = texts};

	(void)state;
	snprintf(texts, sizeof texts, "%s", pack_plain_texts());
	char *at = strstr(texts, "ask: ");
	assert_non_null(at);
	memcpy(at, "aks: ", 5);
	expect_words(&files,
		     "texts.yaml:4: unknown key 'aks', did you mean 'ask'?");
	snprintf(texts, sizeof texts, "disclosure: hello\n");
	expect_words(&files, "texts.yaml:1: 'out_of_scope' is missing");
	snprintf(texts, sizeof texts, "%s", pack_plain_texts());
	memcpy(strstr(texts, "the disclosure"), "''            ", 14);
	expect_words(&files, "texts.yaml:1: 'disclosure' is empty");
	snprintf(texts, sizeof texts, "%s", pack_plain_texts());
	memcpy(strstr(texts, "the disclosure"), "'{{no.fact}}' ", 14);
	expect_words(&files, "texts.yaml:1: 'disclosure': there is no value "
			     "for '{{no.fact}}'");
}

static void
test_starters_come_with_their_lines(void **state)
{
	struct pack_files files = {
		.head = PACK_HEAD
		"starters:\n- How much?\n# Or:\n- Is {{fee}} all?\n",
		.facts = "fee: €6.00\n"};
	struct pack *pack = pack_of_files(&files, &err);

	(void)state;
	assert_non_null(pack);
	assert_int_equal(pack->front.n_starters, 2);
	assert_string_equal(pack->front.starters[1].text, "Is €6.00 all?");
	assert_int_equal(pack->front.starters[1].line, 7);
	pack_free(pack);
	pack = pack_of_files(&(struct pack_files){0}, &err);
	assert_non_null(pack);
	assert_int_equal(pack->front.n_starters, 0);
	pack_free(pack);
}

static void
test_what_customers_see_first_has_its_facts(void **state)
{
	struct pack_files files = {
		.head = PACK_HEAD "firm: '{{bank}}'\n"
				  "greeting: 'Welcome to {{bank}}.'\n"
				  "privacy_url: '{{home}}/privacy?a=1#b'\n"
				  "topics:\n"
				  "- {title: Fees, text: 'What does {{bank}} "
				  "cost?'}\n"
				  "contact:\n"
				  "- {title: Web, text: '{{home}}'}\n",
		.facts = "bank: Alder\nhome: https://alder.example\n"};
	struct pack *pack = pack_of_files(&files, &err);

	(void)state;
	assert_non_null(pack);
	const struct pack_front *front = &pack->front;
	assert_string_equal(front->firm, "Alder");
	assert_string_equal(front->greeting, "Welcome to Alder.");
	assert_string_equal(front->privacy_url,
			    "https://alder.example/privacy?a=1#b");
	assert_int_equal(front->n_topics, 1);
	assert_string_equal(front->topics[0].title, "Fees");
	assert_string_equal(front->topics[0].text, "What does Alder cost?");
	assert_int_equal(front->topics[0].line, 8);
	assert_int_equal(front->n_contacts, 1);
	assert_string_equal(front->contacts[0].text, "https://alder.example");
	pack_free(pack);
	pack = pack_of_files(&(struct pack_files){0}, &err);
	assert_non_null(pack);
	assert_string_equal(pack->front.firm, "");
	assert_string_equal(pack->front.greeting, "");
	assert_string_equal(pack->front.privacy_url, "");
	pack_free(pack);
}

#define LONG_60 "123456789 123456789 123456789 123456789 123456789 123456789 "

static void
test_what_customers_see_first_is_refused_with_its_line(void **state)
{
	static const char *const rows[][2] = {
		{"privacy_url: 'javascript:alert(1)'\n",
		 "pack.yaml:4: 'privacy_url' must be https://... or "
		 "http://..., not 'javascript:alert(1)'"},
		{"privacy_url: 'https://'\n",
		 "pack.yaml:4: 'privacy_url' must be https://... or "
		 "http://..., not 'https://'"},
		{"privacy_url: 'https:///etc'\n",
		 "pack.yaml:4: 'privacy_url' must be https://... or "
		 "http://..., not 'https:///etc'"},
		{"privacy_url: 'https://a b'\n",
		 "pack.yaml:4: 'privacy_url' must be https://... or "
		 "http://..., not 'https://a b'"},
		{"greeting: 'to {{nobody}}'\n",
		 "pack.yaml:4: 'greeting': there is no value for "
		 "'{{nobody}}'"},
		{"starters:\n- a\n- 'What is {{nobody}}?'\n",
		 "pack.yaml:6: 'starters': there is no value for "
		 "'{{nobody}}'"},
		{"firm: '" LONG_60 "x'\n",
		 "pack.yaml:4: 'firm' has over 60 bytes"},
		{"topics: [a]\n", "pack.yaml:4: expected a title and a text"},
		{"topics:\n- {title: a}\n", "pack.yaml:5: 'text' is missing"},
		{"contact:\n- {title: a, text: ''}\n",
		 "pack.yaml:5: 'text' is empty"},
		{"contact: [a, b, c, d, e, f, g]\n",
		 "pack.yaml:4: 'contact' has 7 lines, at most 6 are shown"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char head[512];
		snprintf(head, sizeof head, PACK_HEAD "%s", rows[i][0]);
		expect_words(&(struct pack_files){.head = head}, rows[i][1]);
	}
}

#define HUMAN \
	"- {name: human, priority: 1, answer: a, rules: [{phrases: [b]}]}\n"
#define TRIGGER(fields) "triggers:\n" HUMAN "- {" fields "}\n"

#define REFERENCE(fields) "references:\n- {" fields "}\n"

static void
test_what_is_wrong_in_a_file_is_told_with_its_line(void **state)
{
	const struct {
		struct pack_files files;
		const char *words;
	} rows[] = {
		{{.head = ""}, "pack.yaml: a pack must have this file"},
		{{.texts = ""}, "texts.yaml: a pack must have this file"},
		{{.triggers = ""}, "triggers.yaml: a pack must have this file"},
		{{.head = "name: a\nlanguage: en\n"},
		 "pack.yaml:1: 'title' is missing"},
		{{.head = "name: A bank\nlanguage: en\ntitle: b\n"},
		 "pack.yaml:1: the name 'A bank' must be 1 to 64 small "
		 "letters, digits, '-' and '_'"},
		{{.head = "name: a\nlanguage: the Irish\ntitle: b\n"},
		 "pack.yaml:2: 'the Irish' is no language: write en, de, "
		 "pt-BR, ..."},
		{{.head = "name: a\nlanguage: en\ntitle: ''\n"},
		 "pack.yaml:3: the title must have 1 to 200 bytes"},
		{{.head = PACK_HEAD "starters: [a, b, c, d, e, f, g]\n"},
		 "pack.yaml:4: there are 7 starters, at most 6 are offered"},
		{{.head = PACK_HEAD "starters:\n- a\n- ''\n"},
		 "pack.yaml:6: a starter must be a text of 1 to 200 bytes"},
		{{.head = PACK_HEAD "starters:\n- {a: b}\n"},
		 "pack.yaml:5: a starter must be a text of 1 to 200 bytes"},
		{{.head = "name: a\nlanguage: en\ntitle: b\ncolour: red\n"},
		 "pack.yaml:4: unknown key 'colour'"},
		{{.facts = "a b: c\n"},
		 "facts.yaml:1: the name 'a b' may hold "
		 "only letters, digits and '_'"},
		{{.facts = "- a\n"},
		 "facts.yaml:1: expected 'name: text' lines"},
		{{.entities = "currency: euro\n"},
		 "entities.yaml:1: 'currency' is a code as EUR, not 'euro'"},
		{{.entities = "dates: us\n"},
		 "entities.yaml:1: 'dates' is day_first or month_first, not "
		 "'us'"},
		{{.entities = "decimal: ;\n"},
		 "entities.yaml:1: 'decimal' is '.' or ',', not ';'"},
		{{.entities = "country_code: +353\n"},
		 "entities.yaml:1: 'country_code' is 1 to 3 digits, as 353, "
		 "not '+353'"},
		{{.entities = "trunk_prefix: 000\n"},
		 "entities.yaml:1: 'trunk_prefix' is at most 2 digits, as 0, "
		 "not '000'"},
		{{.entities = "reference: []\n"},
		 "entities.yaml:1: unknown key 'reference', did you mean "
		 "'references'?"},
		{{.entities = REFERENCE("name: date, patterns: [R####]")},
		 "entities.yaml:2: 'date' is a kind of entity: give the "
		 "number another name"},
		{{.entities = REFERENCE("name: a, patterns: []")},
		 "entities.yaml:2: 'a' needs 1 to 20 patterns"},
		{{.entities = REFERENCE("name: a, patterns: ['R###!']")},
		 "entities.yaml:2: the pattern 'R###!' may hold '#' for a "
		 "digit, '@' for a letter, '*' for either, '-', and letters "
		 "and digits that stand for themselves"},
		{{.entities = REFERENCE("name: a, patterns: ['##-#']")},
		 "entities.yaml:2: the pattern '##-#' must stand for 4 to 32 "
		 "characters"},
		{{.entities = REFERENCE("name: a, patterns: ['@@@@']")},
		 "entities.yaml:2: the pattern '@@@@' has no digit"},
		{{.entities = REFERENCE("name: a, patterns: ['####'], check: "
					"mod10")},
		 "entities.yaml:2: 'check' is none, luhn, mod97 or mod11, not "
		 "'mod10'"},
		{{.intents = "intents: []\nintent: []\n"},
		 "intents.yaml:2: unknown key 'intent', did you mean "
		 "'intents'?"},
		{{.intents = "intents:\n- name: a\n  description: b\n"
			     "  examples: []\n"},
		 "intents.yaml:4: the intent 'a' has no example"},
		{{.intents = "intents:\n- name: a\n  description: b\n"
			     "  examples: [[c]]\n"},
		 "intents.yaml:4: an example must be a text"},
		{{.intents = "intents:\n"
			     "- {name: a, description: b, examples: [c]}\n"
			     "- {name: a, description: b, examples: [c]}\n"},
		 "intents.yaml:3: the name 'a' is taken by line 2"},
		{{.intents = "intents:\n- {name: A-b, description: b, "
			     "examples: [c]}\n"},
		 "intents.yaml:2: the name 'A-b' must be 1 to 64 small "
		 "letters, digits and '_'"},
		{{.intents = "intents: all\n"},
		 "intents.yaml:1: 'intents' must be a list ('- entry' lines), "
		 "not a text"},
		{{.intents = "intents: [a]\n"},
		 "intents.yaml:1: expected a map ('key: value' lines) here, "
		 "not a text"},
		{{.triggers = "triggers: []\n"},
		 "triggers.yaml:1: a trigger named 'human' is missing: a "
		 "customer must be able to ask for a person"},
		{{.triggers = TRIGGER("name: a, priority: high, answer: b, "
				      "rules: [{phrases: [c]}]")},
		 "triggers.yaml:3: 'priority' must be a number from 0 to "
		 "1000, not 'high'"},
		{{.triggers = TRIGGER("name: a, priority: 1001, answer: b, "
				      "rules: [{phrases: [c]}]")},
		 "triggers.yaml:3: 'priority' must be a number from 0 to "
		 "1000, not '1001'"},
		{{.triggers = TRIGGER("name: a, priority: 1, answer: '{{x}}', "
				      "rules: [{phrases: [c]}]")},
		 "triggers.yaml:3: 'answer': there is no value for '{{x}}'"},
		{{.triggers = TRIGGER("name: a, priority: 1, answer: b, "
				      "rules: []")},
		 "triggers.yaml:3: the trigger 'a' has no rule"},
		{{.triggers = TRIGGER("name: a, priority: 1, answer: b, "
				      "rules: [{phrases: []}]")},
		 "triggers.yaml:3: 'phrases' has no phrase"},
		{{.triggers = TRIGGER("name: a, priority: 1, answer: b, "
				      "rules: [{phrase: [c]}]")},
		 "triggers.yaml:3: unknown key 'phrase', did you mean "
		 "'phrases'?"},
		{{.triggers = "unless: {what_if: [what if]}\n" TRIGGER(
			  "name: a, priority: 1, answer: b, rules: "
			  "[{phrases: [c], unless: [whatif]}]")},
		 "triggers.yaml:4: 'unless' at the top has no 'whatif', did "
		 "you mean 'what_if'?"},
		{{.triggers = TRIGGER("name: a, priority: 1, answer: b, rules: "
				      "[{phrases: [c], unless: [x]}]")},
		 "triggers.yaml:3: 'unless' at the top has no 'x'"},
		{{.triggers = TRIGGER("name: a, priority: 1, answer: b, rules: "
				      "[{phrases: [c], unless: [[x]]}]")},
		 "triggers.yaml:3: 'unless' of a rule must name sets of "
		 "'unless' at the top"},
		{{.triggers = "unless: {a: b}\ntriggers:\n" HUMAN},
		 "triggers.yaml:1: 'a' must be a list of phrases"},
		{{.triggers = "unless: {a: []}\ntriggers:\n" HUMAN},
		 "triggers.yaml:1: 'a' has no phrase"},
		{{.triggers = "words: {a: b}\ntriggers:\n" HUMAN},
		 "triggers.yaml:1: 'a' must be a list of words"},
		{{.triggers = "words: {a: [[b]]}\ntriggers:\n" HUMAN},
		 "triggers.yaml:1: 'a' holds what is no word"},
		{{.triggers = "spelt_right: [[b]]\ntriggers:\n" HUMAN},
		 "triggers.yaml:1: 'spelt_right' is a list of words"},
		{{.smalltalk = "smalltalk:\n- {name: hi, answer: Hi!, "
			       "phrases: [^ hi]}\n"},
		 "smalltalk.yaml:2: the phrase '^ hi' has '^', '$' or '&', "
		 "which mean nothing here: a text must be made of whole "
		 "phrases"},
		{{.smalltalk = "smalltalk:\n- {name: hi, phrases: [hi]}\n"},
		 "smalltalk.yaml:2: 'answer' is missing"},
		{{.smalltalk = "smalltalk:\n- {name: hi, answer: ' ', "
			       "phrases: [hi]}\n"},
		 "smalltalk.yaml:2: 'answer' is empty"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect_words(&rows[i].files, rows[i].words);
}

static void
test_a_text_that_is_too_long_is_refused(void **state)
{
	char intents[6000];

	(void)state;
	int n = snprintf(intents, sizeof intents,
			 "intents:\n- name: a\n  examples: [b]\n"
			 "  description: ");
	memset(intents + n, 'x', 4001);
	intents[n + 4001] = '\0';
	expect_words(&(struct pack_files){.intents = intents},
		     "intents.yaml:4: 'description': with its values the text "
		     "is longer than 4000 bytes");
}

static void
expect_damaged(const char *content, const char *words)
{
	err = (struct err){0};
	assert_null(pack_read_content(content, strlen(content), &err));
	assert_string_equal(err.text, words);
}

static void
test_content_that_is_damaged_is_refused(void **state)
{
	(void)state;
	expect_damaged("", "this is no content of a pack that this version can "
			   "read");
	expect_damaged("tellerd pack 2\n",
		       "this is no content of a pack that this version can "
		       "read");
	expect_damaged(PACK_FORMAT "facts.yaml 5\na",
		       "the content of the pack is damaged at byte 15");
	expect_damaged(PACK_FORMAT "facts.yaml 1\nafacts",
		       "the content of the pack is damaged at byte 29");
	expect_damaged(PACK_FORMAT "facts.yaml 99999999999999999999999999\na",
		       "the content of the pack is damaged at byte 15");
	expect_damaged(PACK_FORMAT "facts.yaml \n",
		       "the content of the pack is damaged at byte 15");
	expect_damaged(PACK_FORMAT "pack.yaml 0\nfacts.yaml 0\n",
		       "the content of the pack is not in order of name");
	expect_damaged(PACK_FORMAT "facts.yaml 0\nfacts.yaml 0\n",
		       "the content of the pack is not in order of name");
	expect_damaged(PACK_FORMAT "fact.yaml 0\n",
		       "fact.yaml: a pack has no such file, did you mean "
		       "'facts.yaml'?");
	expect_damaged(PACK_FORMAT "questions.yaml 0\n",
		       "questions.yaml: a pack has no such file; entries "
		       "belong into faq/");
}

/* A directory of its own for a test. */
static char dir[] = "/tmp/test-pack-XXXXXX";

static const char *
path_of(const char *name)
{
	static char path[200];

	snprintf(path, sizeof path, "%s%s%s", dir, *name ? "/" : "", name);
	return path;
}

static void
test_a_pack_says_how_figures_are_read(void **state)
{
	struct pack_files files = {
		.facts = "begins: rw\n",
		.entities = "currency: GBP\ndecimal: ','\n"
			    "dates: month_first\ncountry_code: 44\n"
			    "trunk_prefix: 0\n" REFERENCE(
				    "name: policy, check: luhn, patterns: "
				    "['{{begins}}-####', '####-#']"),
	};

	(void)state;
	struct pack *pack = pack_of_files(&files, &err);
	assert_non_null(pack);
	const struct entity_rules *rules = pack->entities;
	assert_string_equal(rules->currency, "GBP");
	assert_int_equal(rules->decimal, ',');
	assert_int_equal(rules->dates, ENTITY_MONTH_FIRST);
	assert_string_equal(rules->country_code, "44");
	assert_string_equal(rules->trunk_prefix, "0");
	assert_int_equal(rules->n_references, 1);
	assert_string_equal(rules->references[0].name, "policy");
	assert_string_equal(rules->references[0].patterns[0], "rw-####");
	assert_int_equal(rules->references[0].check, ENTITY_LUHN);
	pack_free(pack);
	files.entities = "";
	pack = pack_of_files(&files, &err);
	assert_non_null(pack);
	assert_string_equal(pack->entities->currency, "");
	assert_int_equal(pack->entities->n_references, 0);
	pack_free(pack);
}

static void
write_file(const char *name, const char *text)
{
	FILE *file = fopen(path_of(name), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	fclose(file);
}

static int
make_dir(void **state)
{
	(void)state;
	memcpy(dir + sizeof dir - 7, "XXXXXX", 6);
	if (!mkdtemp(dir) || mkdir(path_of("faq"), 0700) < 0)
		return -1;
	write_file("pack.yaml", PACK_HEAD);
	write_file("texts.yaml", pack_plain_texts());
	write_file("triggers.yaml", PACK_TRIGGERS);
	return 0;
}

static int
remove_dir(void **state)
{
	static const char *const names[] = {
		"pack.yaml",	"texts.yaml",	  "triggers.yaml",
		"facts.yaml",	"questions.yaml", "README.md",
		".hidden.yaml", "faq/b.yaml",	  "faq/a.yaml",
		"faq/x y.yaml", "faq/.swp",	  "faq",
		"tests/a.yaml", "tests",	  "",
	};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		remove(path_of(names[i]));
	return 0;
}

static void
test_a_directory_and_its_content_are_the_same_pack(void **state)
{
	(void)state;
	write_file("faq/b.yaml", "faq: [b]\n");
	write_file("faq/a.yaml", "faq: []\n");
	write_file("README.md", "not a part");
	write_file(".hidden.yaml", "not a part");
	write_file("faq/.swp", "not a part");
	mkdir(path_of("tests"), 0700);
	write_file("tests/a.yaml", "not a part");
	struct pack *pack = pack_read(dir, &err);
	assert_non_null(pack);
	assert_string_equal(pack->dir, dir);
	assert_int_equal(pack->n_faq_files, 2);
	assert_string_equal(pack->faq_files[0], path_of("faq/a.yaml"));
	assert_string_equal(pack->faq_files[1], path_of("faq/b.yaml"));

	size_t len;
	const char *text = pack_file(pack, pack->faq_files[1], &len);
	assert_non_null(text);
	assert_int_equal(len, 9);
	assert_memory_equal(text, "faq: [b]\n", 9);
	assert_null(pack_file(pack, path_of("faq/c.yaml"), &len));
	assert_null(pack_file(pack, "faq/b.yaml", &len));

	struct pack *again =
		pack_read_content(pack->content, pack->content_len, &err);
	assert_non_null(again);
	assert_string_equal(again->hash, pack->hash);
	assert_string_equal(again->faq_files[1], "faq/b.yaml");
	assert_non_null(pack_file(again, "faq/b.yaml", &len));
	pack_free(again);
	pack_free(pack);
}

static void
test_every_byte_of_every_file_counts(void **state)
{
	char before[SHA256_HEX_SIZE];

	(void)state;
	struct pack *pack = pack_read(dir, &err);
	assert_non_null(pack);
	memcpy(before, pack->hash, sizeof before);
	pack_free(pack);
	write_file("faq/a.yaml", "");
	pack = pack_read(dir, &err);
	assert_non_null(pack);
	assert_string_not_equal(pack->hash, before);
	memcpy(before, pack->hash, sizeof before);
	pack_free(pack);
	write_file("faq/a.yaml", "\n");
	pack = pack_read(dir, &err);
	assert_non_null(pack);
	assert_string_not_equal(pack->hash, before);
	pack_free(pack);
}

static void
expect_no_pack(const char *where, const char *fmt)
{
	char words[500];

	err = (struct err){0};
	assert_null(pack_read(where, &err));
	snprintf(words, sizeof words, fmt, where);
	assert_string_equal(err.text, words);
}

static void
test_what_is_wrong_in_a_directory_is_told_with_its_path(void **state)
{
	(void)state;
	expect_no_pack("/nowhere/at/all", "cannot read the pack %s: No such "
					  "file or directory");
	write_file("questions.yaml", "a: b\n");
	expect_no_pack(dir,
		       "%s/questions.yaml: a pack has no such file; entries "
		       "belong into faq/");
	remove(path_of("questions.yaml"));
	write_file("faq/x y.yaml", "a: b\n");
	expect_no_pack(dir, "%s/faq/x y.yaml: the name of a file may hold only "
			    "letters, digits, '-', '_' and '.', at most 96");
	remove(path_of("faq/x y.yaml"));
	assert_int_equal(mkfifo(path_of("facts.yaml"), 0600), 0);
	expect_no_pack(dir, "%s/facts.yaml: this is not a plain file");
	remove(path_of("facts.yaml"));
	write_file("facts.yaml", "a: [b\n");
	assert_null(pack_read(dir, &err));
	assert_ptr_equal(strstr(err.text, path_of("facts.yaml:")), err.text);
}

int
main(void)
{
#define IN_DIR(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_pack_is_read),
		cmocka_unit_test(test_without_small_talk_there_is_none),
		cmocka_unit_test(test_starters_come_with_their_lines),
		cmocka_unit_test(test_what_customers_see_first_has_its_facts),
		cmocka_unit_test(
			test_what_customers_see_first_is_refused_with_its_line),
		cmocka_unit_test(
			test_texts_have_their_facts_and_keep_their_moment),
		cmocka_unit_test(
			test_a_text_that_is_missing_or_unknown_is_named),
		cmocka_unit_test(test_a_pack_says_how_figures_are_read),
		cmocka_unit_test(
			test_what_is_wrong_in_a_file_is_told_with_its_line),
		cmocka_unit_test(test_a_text_that_is_too_long_is_refused),
		cmocka_unit_test(test_content_that_is_damaged_is_refused),
		IN_DIR(test_a_directory_and_its_content_are_the_same_pack),
		IN_DIR(test_every_byte_of_every_file_counts),
		IN_DIR(test_what_is_wrong_in_a_directory_is_told_with_its_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

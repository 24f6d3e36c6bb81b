/* forms.yaml: what is read, what is refused and in which words. */
#include "test.h"

#include <stdlib.h>

#include "base/mem.h"
#include "forms.h"
#include "nlu/phrase.h"
#include "packs.h"

static struct err err;

#define SLOT "  - {name: a, label: A, type: text, question: q}\n"
#define FORM "forms:\n- name: f\n  title: t\n  intro: i\n  closing: c\n"

/* The pack of that forms.yaml; NULL and err. */
static struct pack *
read_forms(const char *text)
{
	struct pack_files files = {
		.entities = "references:\n- name: policy\n"
			    "  patterns: ['RW####']\n",
		.facts = "bank: Alder\n",
		.forms = text,
	};
	return pack_of_files(&files, &err);
}

static struct pack *
read_behind_head(const char *forms)
{
	char text[8192];

	snprintf(text, sizeof text, "%s%s", form_test_head(), forms);
	return read_forms(text);
}

/* words begin behind "forms.yaml:". */
static void
expect_words(const char *forms, const char *words)
{
	struct pack *pack = read_behind_head(forms);

	if (pack)
		fail_msg("read, but should say: %s", words);
	if (strncmp(err.text, "forms.yaml:", 11) != 0 ||
	    !strstr(err.text, words))
		fail_msg("\"%s\" is not in: %s", words, err.text);
	/* The line is one of the forms', behind the head. */
	int head_lines = 0;
	for (const char *at = form_test_head(); *at; at++)
		head_lines += *at == '\n';
	assert_true(strtol(err.text + 11, NULL, 10) > head_lines);
}

static void
test_a_form_is_read(void **state)
{
	struct pack *pack = read_behind_head(
		"forms:\n"
		"- name: card\n"
		"  title: Card of {{bank}}\n"
		"  intro: i\n"
		"  closing: 'as {{reference}}'\n"
		"  confirm: true\n"
		"  reasks: 1\n"
		"  offer: shall I?\n"
		"  entries: [card-lost, card-gone]\n"
		"  slots:\n"
		"  - name: kind\n"
		"    label: Kind\n"
		"    type: choice\n"
		"    question: Which?\n"
		"    choices:\n"
		"    - {name: debit, label: Debit, phrases: [debit]}\n"
		"    - {name: credit, label: Credit, phrases: [credit]}\n"
		"  - {name: day, label: Day, type: date, question: When?,"
		" reask: 'When, please?', future: false, days_back: 30,"
		" words: [date], parts: [month], required: false}\n"
		"  - {name: sum, label: Sum, type: amount, question: q,"
		" min: 0.50, max: 12, when: {kind: [credit]}}\n"
		"  - {name: number, label: N, type: policy, question: q}\n"
		"  - {name: story, label: S, type: text, question: q, min: 3,"
		" max: 9}\n");

	(void)state;
	if (!pack)
		fail_msg("%s", err.text);
	assert_int_equal(pack->n_forms, 1);
	const struct form *form = pack_form(pack, "card");
	assert_non_null(form);
	assert_null(pack_form(pack, "cards"));
	assert_string_equal(form->title, "Card of Alder");
	assert_string_equal(form->closing, "as {{reference}}");
	assert_true(form->is_confirmed);
	assert_int_equal(form->max_reasks, 1);
	assert_ptr_equal(pack_form_offered(pack, "card-gone"), form);
	assert_null(pack_form_offered(pack, "card"));
	assert_int_equal(form->n_slots, 5);
	const struct form_slot *slots = form->slots;
	assert_int_equal(slots[0].type, SLOT_CHOICE);
	assert_int_equal(slots[0].n_choices, 2);
	assert_string_equal(slots[0].choices[1].label, "Credit");
	assert_true(slots[0].is_required);
	assert_string_equal(slots[0].reask, "Which?");
	assert_string_equal(slots[1].reask, "When, please?");
	assert_false(slots[1].may_be_future);
	assert_true(slots[1].may_be_past);
	assert_int_equal(slots[1].days_back, 30);
	assert_false(slots[1].is_required);
	assert_int_not_equal(slots[1].parts, PHRASE_NONE);
	assert_int_equal(slots[2].parts, PHRASE_NONE);
	assert_int_equal(slots[2].min, 50);
	assert_int_equal(slots[2].max, 1200);
	assert_ptr_equal(slots[2].when, &slots[0]);
	assert_string_equal(slots[2].when_is[0], "credit");
	assert_int_equal(slots[3].type, SLOT_REFERENCE);
	assert_string_equal(slots[3].reference, "policy");
	assert_int_equal(slots[4].min, 3);
	assert_int_equal(slots[4].max, 9);
	pack_free(pack);
}

static void
test_what_customers_say_is_heard(void **state)
{
	struct pack *pack = read_behind_head(
		FORM
		"  slots:\n"
		"  - name: kind\n"
		"    label: Kind\n"
		"    type: choice\n"
		"    question: Which?\n"
		"    words: [which card]\n"
		"    choices:\n"
		"    - {name: debit, label: Debit, phrases: [debit]}\n"
		"    - {name: credit, label: Credit, phrases: [credit]}\n");
	struct arena arena = {0};
	struct form_heard heard;

	(void)state;
	if (!pack)
		fail_msg("%s", err.text);
	const struct form_slot *slot = &pack_form(pack, "f")->slots[0];
	form_hear(pack, "please cancel", 13, &arena, &heard);
	assert_int_equal(heard.whole, FORM_CANCEL);
	form_hear(pack, "cancel my card", 14, &arena, &heard);
	assert_int_equal(heard.whole, FORM_COMMANDS);
	form_hear(pack, "", 0, &arena, &heard);
	assert_int_equal(heard.whole, FORM_COMMANDS);
	form_hear(pack, "no, change which card: credit", 29, &arena, &heard);
	assert_true(form_says(&heard, FORM_CORRECT));
	assert_true(form_says(&heard, FORM_NO));
	assert_true(form_says(&heard, FORM_CHANGE));
	assert_false(form_says(&heard, FORM_YES));
	assert_false(form_says(&heard, slot->choices[0].phrases));
	assert_true(form_says(&heard, slot->choices[1].phrases));
	assert_true(form_says(&heard, slot->phrases));
	arena_release(&arena);
	pack_free(pack);
}

#define SLOTS FORM "  slots:\n"

static void
test_a_mistake_is_named_with_its_line(void **state)
{
	static const struct {
		const char *forms, *words;
	} rows[] = {
		{"forms:\n- {name: F}\n", "'title' is missing"},
		{SLOTS SLOT SLOT, "the slot 'a' is there twice"},
		{FORM "  slots: []\n", "a form has 1 to 24 slots"},
		{FORM "  slot: []\n",
		 "unknown key 'slot', did you mean 'slots'?"},
		{SLOTS "  - {name: a, label: A, type: dates, question: q}\n",
		 "there is no type 'dates', did you mean 'date'?"},
		{SLOTS "  - {name: a, label: A, type: polcy, question: q}\n",
		 "there is no type 'polcy', did you mean 'policy'?"},
		{SLOTS "  - {name: a, label: A, type: reference, "
		       "question: q}\n",
		 "there is no type 'reference'"},
		{SLOTS "  - {name: A, label: A, type: text, question: q}\n",
		 "the name 'A' must be 1 to 64 small letters"},
		{SLOTS "  - {name: a, label: A, type: text, question: q, "
		       "future: false}\n",
		 "'future' means nothing for a slot of type 'text'"},
		{SLOTS "  - {name: a, label: A, type: date, question: q, "
		       "future: maybe}\n",
		 "'future' must be true or false"},
		{SLOTS "  - {name: a, label: A, type: text, question: q, "
		       "required: 'true'}\n",
		 "'required' must be true or false"},
		{SLOTS "  - {name: a, label: A, type: text, question: q, "
		       "min: 9, max: 8}\n",
		 "'max' is less than 'min'"},
		{SLOTS "  - {name: a, label: A, type: text, question: q, "
		       "max: 1001}\n",
		 "'max' must be a number from 1 to 1000"},
		{SLOTS "  - {name: a, label: A, type: amount, question: q, "
		       "min: 1.5}\n",
		 "'min' must be an amount such as 50 or 12.50, not '1.5'"},
		{SLOTS "  - {name: a, label: A, type: choice, question: q}\n",
		 "a choice needs 2 to 12 'choices'"},
		{SLOTS "  - {name: a, label: A, type: choice, question: q, "
		       "choices: [{name: b, label: b, phrases: [b]}, "
		       "{name: b, label: b, phrases: [c]}]}\n",
		 "the choice 'b' is there twice"},
		{SLOTS "  - {name: a, label: A, type: choice, question: q, "
		       "choices: [{name: b, label: b, phrases: []}, "
		       "{name: c, label: b, phrases: [c]}]}\n",
		 "'phrases' has no phrase"},
		{SLOTS "  - {name: a, label: A, type: text, question: q, "
		       "when: {b: [c]}}\n",
		 "no slot before this one is a choice named 'b'"},
		{SLOTS "  - {name: a, label: A, type: choice, question: q, "
		       "choices: [{name: b, label: b, phrases: [b]}, "
		       "{name: c, label: b, phrases: [c]}]}\n"
		       "  - {name: d, label: A, type: text, question: q, "
		       "when: {a: [e]}}\n",
		 "'a' has no choice 'e'"},
		{SLOTS "  - {name: a, label: A, type: text, question: q, "
		       "when: {}}\n",
		 "'when' names one slot and a list of its choices"},
		{SLOTS "  - {name: a, label: A, type: text, question: "
		       "'{{none}}'}\n",
		 "'question': there is no value for '{{none}}'"},
		{"forms:\n- {name: f, title: t, intro: i, "
		 "closing: '{{refrence}}', slots: [{name: a, label: A, "
		 "type: text, question: q}]}\n",
		 "'closing': there is no value for '{{refrence}}'"},
		{FORM "  offer: o\n  slots:\n" SLOT,
		 "'offer' and 'entries' go together"},
		{FORM "  confirm: perhaps\n  slots:\n" SLOT,
		 "'confirm' must be true or false"},
		{FORM "  reasks: 6\n  slots:\n" SLOT,
		 "'reasks' must be a number from 0 to 5"},
		{SLOTS SLOT "- {name: f, title: t, intro: i, closing: c, "
			    "slots: []}\n",
		 "the name 'f' is taken by line"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect_words(rows[i].forms, rows[i].words);
}

static void
test_commands_and_texts_are_all_needed(void **state)
{
	char text[8192];

	(void)state;
	assert_null(read_forms("forms: []\n"));
	assert_string_equal(err.text, "forms.yaml:1: 'commands' is missing");
	snprintf(text, sizeof text, "%sforms: []\n", form_test_head());
	memcpy(strstr(text, "  cancel:"), "  cancle:", 9);
	assert_null(read_forms(text));
	assert_string_equal(err.text, "forms.yaml:2: unknown key 'cancle', did "
				      "you mean 'cancel'?");
	snprintf(text, sizeof text, "%sforms: []\n", form_test_head());
	memcpy(strstr(text, "'noted'"), "'notes'", 7);
	assert_null(read_forms(text));
	assert_non_null(strstr(err.text, "unknown key 'notes', did you mean "
					 "'noted'?"));
	snprintf(text, sizeof text, "%sforms: []\n", form_test_head());
	struct pack *pack = read_forms(text);
	assert_non_null(pack);
	assert_int_equal(pack->n_forms, 0);
	assert_string_equal(pack_form_text(pack, FORM_TEXT_NEEDED),
			    "the needed");
	pack_free(pack);
}

static void
test_a_trigger_names_a_form_that_is_there(void **state)
{
	char forms[8192];
	struct pack_files files = {
		.forms = forms,
		.triggers = "triggers:\n"
			    "- {name: human, priority: 1, answer: Yes, form: g,"
			    " rules: [{phrases: [human]}]}\n",
	};

	(void)state;
	snprintf(forms, sizeof forms, "%s" FORM "  slots:\n" SLOT,
		 form_test_head());
	struct pack *pack = pack_of_files(&files, &err);
	assert_null(pack);
	assert_string_equal(err.text,
			    "triggers.yaml:2: forms.yaml has no form 'g'");
	files.triggers = "triggers:\n"
			 "- {name: human, priority: 1, answer: Yes, form: f,"
			 " rules: [{phrases: [human]}]}\n";
	pack = pack_of_files(&files, &err);
	assert_non_null(pack);
	assert_string_equal(pack_trigger(pack, "human", 5)->form, "f");
	pack_free(pack);
	files.forms = NULL;
	assert_null(pack_of_files(&files, &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_form_is_read),
		cmocka_unit_test(test_what_customers_say_is_heard),
		cmocka_unit_test(test_a_mistake_is_named_with_its_line),
		cmocka_unit_test(test_commands_and_texts_are_all_needed),
		cmocka_unit_test(test_a_trigger_names_a_form_that_is_there),
	};

	return cmocka_run_group_tests_name("form_slot", tests, NULL, NULL);
}

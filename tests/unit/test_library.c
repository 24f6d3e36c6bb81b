/* What a desk knows while entries are edited: the index is of the newest ones
 * at once, intents follow, and a turn can be decided again from what its record
 * names. */
#include "store_fixture.h"

#include "packs.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>

#include "base/json.h"
#include "conf/options.h"
#include "dialog/find.h"
#include "dialog/knowledge.h"
#include "dialog/lesson.h"
#include "dialog/pack_import.h"
#include "dialog/turn.h"
#include "faq/import.h"
#include "faq/index.h"
#include "nlu/pack.h"
#include "store/knowledge.h"

#define ASKERS 2
#define QUESTION "my zorblet has been quuxed"

struct desk {
	struct fixture *store;
	struct settings *settings;
	struct library *library;
	struct err err;
};

static void
must(int rc, const struct desk *desk)
{
	if (rc)
		fail_msg("%s", desk->err.text);
}

static const char intents[] =
	"intents:\n"
	"- name: card_lost\n"
	"  description: A card is gone.\n"
	"  examples: [my card is gone, I lost a card, my card was stolen]\n"
	"- name: fees\n"
	"  description: What something costs.\n"
	"  examples: [what does it cost, is there a charge, your prices]\n"
	"- name: hours\n"
	"  description: When somebody is there.\n"
	"  examples: [when are you open, are you open today, what hours]\n";

static void
write_file(struct fixture *f, const char *dir, const char *name,
	   const char *text)
{
	FILE *file = fopen(arena_printf(&f->arena, "%s/%s", dir, name), "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* A small pack of that name, which is an example of an intent. */
static const char *
pack_dir(struct fixture *f, const char *name)
{
	const char *dir = arena_printf(&f->arena, "%s/%s", f->dir, name);

	if (mkdir(dir, 0700) < 0)
		return dir;
	write_file(f, dir, "pack.yaml",
		   arena_printf(&f->arena,
				"name: %s\nlanguage: en\ntitle: A desk\n",
				name));
	write_file(f, dir, "texts.yaml", pack_plain_texts());
	write_file(f, dir, "triggers.yaml", PACK_TRIGGERS);
	write_file(f, dir, "intents.yaml",
		   arena_printf(&f->arena,
				"%s- name: name\n"
				"  description: What it is called.\n"
				"  examples: [what is this, your name, %s]\n",
				intents, name));
	return dir;
}

static void
load(struct desk *desk, const char *name)
{
	const struct pack_terms terms = {.may_replace = true};

	must(library_load_pack(desk->library, pack_dir(desk->store, name),
			       &terms, NULL, &desk->err),
	     desk);
}

static void
open_desk(struct desk *desk, void **state, bool has_learner)
{
	size_t n = 0;

	*desk = (struct desk){.store = *state};
	while (conf_daemon_sections[n].name)
		n++;
	desk->settings =
		settings_read(NULL, conf_daemon_sections, n, &desk->err);
	assert_non_null(desk->settings);
	desk->library = library_new(desk->store->store, desk->settings);
	if (has_learner)
		must(library_start(desk->library, &desk->err), desk);
	load(desk, "small");
}

static void
close_desk(struct desk *desk)
{
	library_free(desk->library);
	settings_free(desk->settings);
}

/* An entry in words that nothing else has, of an intent that the pack has. */
static void
edit_entry(struct desk *desk, int question, int answer, const char *intent)
{
	struct faq_file file;
	struct import_result result;
	const char *text =
		arena_printf(&desk->store->arena,
			     "faq:\n"
			     "  - id: zorblet\n"
			     "    question: What if my zorblet is quuxed?\n"
			     "    paraphrases:\n"
			     "      - My zorblet was quuxed %d times\n"
			     "    answer: Then it is quuxed, %d times.\n"
			     "    intent: %s\n",
			     question, answer, intent);

	must(faq_read_yaml(&file, "f.yaml", text, strlen(text), NULL, NULL,
			   &desk->err),
	     desk);
	must(faq_import(desk->store->store, &file, "f.yaml", "approved", false,
			"ann", &result, &desk->err),
	     desk);
	import_result_release(&result);
	faq_file_release(&file);
	must(library_refresh(desk->library, &desk->err), desk);
}

static void
edit(struct desk *desk, int number)
{
	edit_entry(desk, number, number, number % 2 ? "card_lost" : "fees");
}

/* The intents guessed, and the best entry's name or "". */
static const char *
ask(const struct knowledge *knowledge, struct intents *intents_r)
{
	struct index_scratch *scratch = index_scratch_new();
	struct candidate found[1];
	size_t n = find_entries(knowledge, scratch, QUESTION, 0, NOW_US, 1,
				found, intents_r);
	const char *name =
		n ? index_entry(knowledge->index, found[0].entry)->name : "";

	index_scratch_free(scratch);
	return name;
}

static void
pause_briefly(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* Wait until intents are learnt from the entries that are found. */
static const struct knowledge *
wait_learnt(struct desk *desk)
{
	for (;;) {
		const struct knowledge *knowledge = library_get(desk->library);
		if (lesson_is_learnt(knowledge->lesson) &&
		    lesson_generation(knowledge->lesson) ==
			    knowledge->generation)
			return knowledge;
		knowledge_put(knowledge);
		pause_briefly();
	}
}

static void
test_nothing_is_learnt_before_somebody_asks(void **state)
{
	struct desk desk;
	struct intents guessed;

	open_desk(&desk, state, false);
	edit(&desk, 1);
	edit(&desk, 2);
	const struct knowledge *knowledge = library_get(desk.library);
	assert_false(lesson_is_learnt(knowledge->lesson));
	assert_int_equal(lesson_generation(knowledge->lesson),
			 knowledge->generation);
	assert_string_equal(ask(knowledge, &guessed), "zorblet");
	assert_true(lesson_is_learnt(knowledge->lesson));
	assert_string_equal(guessed.list[0].intent, "fees");
	knowledge_put(knowledge);
	close_desk(&desk);
}

static void
test_an_edit_is_found_at_once_and_learnt_later(void **state)
{
	struct desk desk;
	struct intents guessed;

	open_desk(&desk, state, true);
	const struct knowledge *first = wait_learnt(&desk);
	edit(&desk, 1);
	const struct knowledge *second = library_get(desk.library);
	assert_true(second->generation > first->generation);
	assert_string_equal(ask(second, &guessed), "zorblet");
	/* Nobody waits for a lesson while there is another. */
	assert_true(lesson_is_learnt(second->lesson));
	knowledge_put(second);
	knowledge_put(first);
	const struct knowledge *learnt = wait_learnt(&desk);
	assert_string_equal(ask(learnt, &guessed), "zorblet");
	assert_string_equal(guessed.list[0].intent, "card_lost");
	knowledge_put(learnt);
	close_desk(&desk);
}

static void
test_what_changes_no_example_is_not_learnt_again(void **state)
{
	struct desk desk;
	struct intents guessed;

	open_desk(&desk, state, true);
	edit(&desk, 1);
	const struct knowledge *first = wait_learnt(&desk);
	ask(first, &guessed);
	const char *intent = guessed.list[0].intent; /* in the classifier */
	for (int answer = 2; answer < 4; answer++) {
		edit_entry(&desk, 1, answer, "card_lost");
		const struct knowledge *next = library_get(desk.library);
		assert_true(next->generation > first->generation);
		assert_ptr_not_equal(next->lesson, first->lesson);
		assert_true(lesson_is_learnt(next->lesson));
		assert_int_equal(lesson_generation(next->lesson),
				 next->generation);
		knowledge_put(next);
	}
	load(&desk, "small");
	const struct knowledge *last = library_get(desk.library);
	assert_ptr_not_equal(last->pack, first->pack);
	assert_string_equal(ask(last, &guessed), "zorblet");
	assert_string_equal(intent, "card_lost");
	assert_ptr_equal(guessed.list[0].intent, intent);
	knowledge_put(first);
	knowledge_put(last);
	close_desk(&desk);
}

static void
test_another_pack_comes_with_its_own_intents(void **state)
{
	struct desk desk;

	open_desk(&desk, state, true);
	load(&desk, "other");
	const struct knowledge *knowledge = library_get(desk.library);
	assert_string_equal(knowledge->pack->name, "other");
	assert_true(lesson_is_learnt(knowledge->lesson));
	assert_int_equal(lesson_generation(knowledge->lesson),
			 knowledge->generation);
	knowledge_put(knowledge);
	close_desk(&desk);
}

/* ---- Records */

static const char *
record_of(const struct knowledge *knowledge, struct arena *arena)
{
	struct index_scratch *scratch = index_scratch_new();
	const struct conversation conversation = {
		.id = 1,
		.public_id = "cnv_test",
		.channel = "web",
		.account = "",
		.key = "k",
		.language = "en",
		.state = STATE_BOT,
		.owner = "",
		.memory = "",
	};
	const struct message message = {
		.id = 10,
		.kind = "text",
		.author_id = "",
		.author_name = "",
		.text = QUESTION,
		.option = "",
		.target = "",
		.redacted = "",
	};
	const struct turn_input input = {
		.conversation = &conversation,
		.messages = &message,
		.n_messages = 1,
		.knowledge = knowledge,
		.scratch = scratch,
		.desk = "",
		.now_us = NOW_US,
	};
	struct turn_result result;

	turn_decide(&input, arena, &result);
	index_scratch_free(scratch);
	return result.record;
}

/* Built anew each time, from nothing but what a record has. */
static const char *
record_as_of(struct desk *desk, int64_t entries, int64_t lesson)
{
	const struct knowledge *present = library_get(desk->library);
	const struct knowledge *knowledge = knowledge_as_of(
		desk->store->store,
		(struct generations){.entries = entries, .lesson = lesson},
		present->pack->content, present->pack->content_len,
		&present->settings, present->settings_hash, &desk->err);

	if (!knowledge)
		fail_msg("%s", desk->err.text);
	const char *record = record_of(knowledge, &desk->store->arena);
	knowledge_put(knowledge);
	knowledge_put(present);
	return record;
}

static int64_t
generation(const struct desk *desk)
{
	const struct knowledge *knowledge = library_get(desk->library);
	int64_t number = knowledge->generation;

	knowledge_put(knowledge);
	return number;
}

static void
test_a_record_names_what_intents_were_learnt_from(void **state)
{
	struct desk desk;

	open_desk(&desk, state, false);
	edit(&desk, 1);
	int64_t first = generation(&desk);
	edit(&desk, 2);
	int64_t second = generation(&desk);
	const char *mixed = record_as_of(&desk, second, first);
	const char *newest = record_as_of(&desk, second, second);
	const char *named = arena_printf(&desk.store->arena,
					 "\"generation\":%lld,\"learnt\":%lld,",
					 (long long)second, (long long)first);
	assert_words(mixed, named);
	assert_words(mixed, "{\"name\":\"card_lost\"");
	assert_words(mixed, "{\"id\":\"zorblet\",\"version\":2,");
	assert_null(strstr(newest, "\"learnt\""));
	assert_words(newest, "{\"name\":\"fees\"");
	assert_string_equal(record_as_of(&desk, second, first), mixed);
	const struct knowledge *present = library_get(desk.library);
	assert_string_equal(record_of(present, &desk.store->arena), newest);
	knowledge_put(present);
	close_desk(&desk);
}

/* ---- All at once */

struct asker {
	struct desk *desk;
	atomic_bool is_over;
	atomic_int n_mixed;
	pthread_t threads[ASKERS];
};

static void *
ask_on(void *arg)
{
	struct asker *asker = arg;
	struct intents guessed;

	while (!atomic_load(&asker->is_over)) {
		const struct knowledge *knowledge =
			library_get(asker->desk->library);
		ask(knowledge, &guessed);
		if (lesson_generation(knowledge->lesson) !=
		    knowledge->generation)
			atomic_fetch_add(&asker->n_mixed, 1);
		knowledge_put(knowledge);
		pause_briefly();
	}
	return NULL;
}

static void
test_edits_do_not_disturb_who_asks(void **state)
{
	struct desk desk;
	struct asker asker = {.desk = &desk};
	struct intents guessed;

	open_desk(&desk, state, true);
	for (int i = 0; i < ASKERS; i++)
		assert_int_equal(
			pthread_create(&asker.threads[i], NULL, ask_on, &asker),
			0);
	for (int number = 1; number <= 6; number++)
		edit(&desk, number);
	library_set_settings(desk.library, desk.settings);
	load(&desk, "other");
	load(&desk, "small");
	edit(&desk, 7);
	const struct knowledge *knowledge = wait_learnt(&desk);
	assert_int_equal(knowledge->generation, generation(&desk));
	ask(knowledge, &guessed);
	assert_string_equal(guessed.list[0].intent, "card_lost");
	knowledge_put(knowledge);
	atomic_store(&asker.is_over, true);
	for (int i = 0; i < ASKERS; i++)
		pthread_join(asker.threads[i], NULL);
	print_message("# %d questions between an edit and its lesson\n",
		      atomic_load(&asker.n_mixed));
	close_desk(&desk);
}

/* A lesson may be under way, and another wait. */
static void
test_a_library_ends_while_it_learns(void **state)
{
	struct desk desk;

	open_desk(&desk, state, true);
	edit(&desk, 1);
	edit(&desk, 2);
	close_desk(&desk);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH (test_nothing_is_learnt_before_somebody_asks),
		EACH (test_an_edit_is_found_at_once_and_learnt_later),
		EACH (test_what_changes_no_example_is_not_learnt_again),
		EACH (test_another_pack_comes_with_its_own_intents),
		EACH (test_a_record_names_what_intents_were_learnt_from),
		EACH (test_edits_do_not_disturb_who_asks),
		EACH (test_a_library_ends_while_it_learns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

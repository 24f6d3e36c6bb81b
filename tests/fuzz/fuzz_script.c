/* Any bytes as a file of conversations: words that begin with the file's name,
 * or scripts that somebody can play. */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "base/err.h"
#include "dialog/script.h"
#include "store/conversation.h"

#define YEAR_US (INT64_C(400) * 24 * 3600 * 1000000)

static void
check_expect(const struct script_expect *expect)
{
	for (int i = 0; i < SCRIPT_ABOUTS; i++) {
		const struct script_texts *texts = &expect->about[i];
		assert((texts->line > 0) == (texts->items != NULL));
		for (size_t j = 0; j < texts->n; j++)
			assert(texts->items[j]);
	}
	const struct script_texts *states = &expect->about[SCRIPT_STATE];
	enum conversation_state state;
	for (size_t i = 0; i < states->n; i++)
		assert(conversation_state_by_name(states->items[i], &state));
	if (expect->slots)
		yaml_each (slot, expect->slots)
			assert(slot->key && slot->text);
	assert(expect->silent >= -1 && expect->silent <= 1);
	assert(expect->failed_turns >= -1 && expect->failed_turns <= 1000);
}

static void
check_turn(const struct script_turn *turn)
{
	assert(turn->line > 0);
	assert((turn->act == SCRIPT_CUSTOMER) == (turn->texts.n > 0));
	assert((turn->act == SCRIPT_CHOICE) == (turn->choice != NULL));
	assert((turn->act == SCRIPT_AGENT) == (turn->kind != NULL));
	assert(turn->act != SCRIPT_AGENT || (*turn->who && turn->text));
	assert((turn->act == SCRIPT_WAIT) == (turn->wait_us > 0));
	assert(turn->wait_us <= YEAR_US);
	check_expect(&turn->expect);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	struct script_file file;

	if (script_read(&file, "f", (const char *)data, size, &err)) {
		assert(strncmp(err.text, "f:", 2) == 0);
		assert(!file.n && !file.scripts && !file.yaml.root);
		return 0;
	}
	for (size_t i = 0; i < file.n; i++) {
		const struct script *script = &file.scripts[i];
		assert(*script->name && script->n_turns > 0);
		for (size_t j = 0; j < script->n_turns; j++)
			check_turn(&script->turns[j]);
	}
	script_release(&file);
	return 0;
}

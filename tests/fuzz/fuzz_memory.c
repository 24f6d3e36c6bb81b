/* Any bytes as a conversation's memory: what is read is within bounds, and what
 * is written of it is read as the same. */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "dialog/memory.h"

static void
check_count(int n)
{
	assert(n >= 0 && n <= JSON_COUNT_MAX);
}

static void
check_time(int64_t us)
{
	assert(us >= 0 && us <= JSON_TIME_MAX_US);
}

static void
check_form(const struct form_state *form)
{
	check_count(form->reasks);
	check_count(form->between);
	check_time(form->at_us);
	assert(form->slot && form->trigger && form->last && form->done);
	assert(form->n_values <= FORM_SLOTS_MAX);
	for (size_t i = 0; i < form->n_values; i++) {
		const struct form_value *value = &form->values[i];
		assert(value->slot && value->value);
		assert(form_verdict_name(value->verdict));
		assert(form_state_value(form, value->slot) == value);
	}
}

static void
check_memory(const struct memory *memory)
{
	check_count(memory->episode);
	check_count(memory->topic.age);
	check_time(memory->since_us);
	check_time(memory->asked_us);
	check_time(memory->topic.at_us);
	assert(memory->desk && memory->call_back);
	assert(memory->topic.entry && memory->topic.intent);
	assert(memory->topic.words);
	assert(memory->n_offered <= OFFERED_MAX);
	for (size_t i = 0; i < memory->n_offered; i++)
		assert(memory->offered[i]);
	check_form(&memory->form);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct memory memory, again;

	memory_read(&memory, &arena,
		    arena_strndup(&arena, (const char *)data, size));
	check_memory(&memory);
	const char *written = memory_write(&memory, &arena);
	memory_read(&again, &arena, written);
	check_memory(&again);
	assert(strcmp(memory_write(&again, &arena), written) == 0);
	arena_release(&arena);
	return 0;
}

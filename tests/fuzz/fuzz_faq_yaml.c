/* Entries in YAML from anybody: what is read keeps the limits, and the same
 * text gives the same entries. */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "base/err.h"
#include "base/finding.h"
#include "base/utf8.h"
#include "faq/import.h"
#include "faq/lint.h"

static const char *
value_of(const void *facts, const char *name, size_t len)
{
	(void)facts;
	(void)name;
	return len % 2 ? "{{value}}" : NULL;
}

static void
check_text(const char *text, size_t max)
{
	size_t len = strlen(text);

	assert(len > 0 && utf8_is_valid(text, len));
	assert(utf8_count(text, len) <= max);
}

static void
check_entry(const struct faq_version *entry)
{
	assert(store_is_entry_name(entry->name));
	check_text(entry->question, FAQ_QUESTION_MAX);
	check_text(entry->answer, FAQ_ANSWER_MAX);
	check_text(entry->source, FAQ_ANSWER_MAX);
	assert(entry->n_variants <= FAQ_PARAPHRASES_MAX);
	for (size_t i = 0; i < entry->n_variants; i++)
		check_text(entry->variants[i], FAQ_QUESTION_MAX);
	assert(strlen(entry->origin_hash) == 64);
}

/* Whatever stands in a file that can be read, it can be looked through. */
static void
look_through(const struct faq_file *file)
{
	struct lint_desk desk = {
		.language = "en",
		.value = value_of,
		.facts = file,
		.pack = file,
		.now_us = 1,
	};
	struct findings findings = {0};
	struct err err = {0};

	assert(faq_lint(file, &desk, &findings, &err) == 0);
	for (size_t i = 0; i < findings.n; i++) {
		assert(strcmp(findings.list[i].file, "f") == 0);
		assert(findings.list[i].line > 0 && findings.list[i].text[0]);
	}
	findings_release(&findings);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct faq_file file, again;
	struct err err = {0};

	int ret = faq_read_yaml(&file, "f", text, size, value_of, NULL, &err);
	assert((ret < 0) == (err.text[0] != '\0'));
	if (ret < 0)
		return 0;
	ret = faq_read_yaml(&again, "f", text, size, value_of, NULL, &err);
	assert(ret == 0 && again.n == file.n);
	for (size_t i = 0; i < file.n; i++) {
		check_entry(&file.entries[i]);
		assert(strcmp(file.entries[i].origin_hash,
			      again.entries[i].origin_hash) == 0);
	}
	look_through(&file);
	faq_file_release(&file);
	faq_file_release(&again);
	return 0;
}

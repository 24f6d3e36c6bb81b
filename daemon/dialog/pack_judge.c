#include "dialog/pack_judge.h"

#include "base/err.h"
#include "base/finding.h"
#include "base/mem.h"
#include "dialog/pack_import.h"
#include "faq/import.h"
#include "faq/lint.h"
#include "nlu/check.h"
#include "nlu/pack.h"

void
pack_look_through(const struct pack *pack, const struct faq_file *faq,
		  struct findings *findings)
{
	struct arena arena = {0};
	struct check_entry *entries =
		arena_array(&arena, faq->n + 1, sizeof(*entries));
	for (size_t i = 0; i < faq->n; i++)
		entries[i] = (struct check_entry){
			.name = faq->entries[i].name,
			.intent = faq->entries[i].intent,
			.file = faq->places[i].file,
			.line = faq->places[i].line,
		};
	pack_check(pack, entries, faq->n, findings);
	arena_release(&arena);
}

static int
refuse(const struct pack *pack, struct findings *findings, struct err *err)
{
	size_t n = findings->counts[FINDING_ERROR], i = 0;
	if (!n)
		return 0;
	findings_sort(findings);
	while (findings->list[i].severity != FINDING_ERROR)
		i++;
	const struct finding *first = &findings->list[i];
	return err_set(err,
		       "%s:%d: %s [%s]; the pack %s has %zu error%s, which "
		       "'tellerctl intents check' and 'tellerctl faq lint' "
		       "name, and is not taken",
		       first->file, first->line, first->text, first->rule,
		       pack->name, n, n == 1 ? "" : "s");
}

int
pack_judge(const struct pack *pack, struct err *err)
{
	const struct lint_desk desk = {
		.language = pack->language,
		.value = facts_value,
		.facts = &pack->facts,
	};
	struct findings findings = {0};
	struct faq_file faq = {0};
	int rc = pack_read_entries(&faq, pack, facts_value, &pack->facts, err);
	if (!rc) {
		pack_look_through(pack, &faq, &findings);
		rc = faq_lint(&faq, &desk, &findings, err);
	}
	if (!rc)
		rc = refuse(pack, &findings, err);
	findings_release(&findings);
	faq_file_release(&faq);
	return rc;
}

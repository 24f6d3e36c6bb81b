/* What tests of files of entries have in common: one file, with facts, and what
 * an import made of it. */
#ifndef TESTS_UNIT_IMPORT_FIXTURE_H
#define TESTS_UNIT_IMPORT_FIXTURE_H

#include "store_fixture.h"

#include "base/buf.h"
#include "faq/import.h"

static const char *phone = "0800 1";

static inline const char *
value_of(const void *facts, const char *name, size_t len)
{
	(void)facts;
	if (len == 5 && memcmp(name, "phone", 5) == 0)
		return phone;
	return len == 4 && memcmp(name, "same", 4) == 0 ? phone : NULL;
}

static struct faq_file file;
static struct err err;

static inline void
read_text(const char *name, const char *text)
{
	faq_file_release(&file);
	if (faq_read_file(&file, name, text, strlen(text), value_of, NULL,
			  &err) < 0)
		fail_msg("%s", err.text);
}

static struct import_result result;

static inline void
import_file(struct fixture *f, const char *origin, const char *state,
	    bool retire_missing)
{
	import_result_release(&result);
	if (faq_import(f->store, &file, origin, state, retire_missing, "ann",
		       &result, &err) < 0)
		fail_msg("%s", err.text);
}

static inline void
import_text(struct fixture *f, const char *text)
{
	read_text("f.csv", text);
	import_file(f, "file:f.csv", "approved", true);
}

/* What the last import did. */
static inline void
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

static inline int
release_all(void **state)
{
	faq_file_release(&file);
	import_result_release(&result);
	return tear_down(state);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, release_all)

#endif

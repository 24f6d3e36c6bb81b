/* Any bytes as one file of a pack, or as the content of one: words, or a pack
 * that reads again from its content and can be asked anything.
 *
 * The first byte says which file the rest is. */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/finding.h"
#include "nlu/check.h"
#include "nlu/content.h"
#include "nlu/form.h"
#include "nlu/pack.h"

#define HEAD "name: a\nlanguage: en\ntitle: b\n"
#define TRIGGERS                                                       \
	"triggers:\n- {name: human, priority: 1, answer: Yes, rules: " \
	"[{phrases: [human]}]}\n"

/* A new one comes last, so that the corpus stays what it is.  NULL: made from
 * the names of all texts; "": only there when it is the one. */
static const struct {
	const char *name, *text;
} files[] = {
	{"facts.yaml", "bank: c\n"},
	{"faq/a.yaml", "faq: []\n"},
	{"intents.yaml", "intents: []\n"},
	{"pack.yaml", HEAD},
	{"smalltalk.yaml", "smalltalk: []\n"},
	{"texts.yaml", NULL},
	{"triggers.yaml", TRIGGERS},
	{"entities.yaml", "dates: day_first\n"},
	{"hours.yaml", ""},
	{"forms.yaml", ""},
};
#define N_FILES (sizeof files / sizeof *files)

/* The first file by name behind one of that name. */
static size_t
next_file(const char *name)
{
	size_t next = N_FILES;

	for (size_t i = 0; i < N_FILES; i++)
		if (strcmp(files[i].name, name) > 0 &&
		    (next == N_FILES ||
		     strcmp(files[i].name, files[next].name) < 0))
			next = i;
	return next;
}

static void
add_texts(struct buf *out)
{
	for (int i = 0; i < PACK_TEXTS; i++)
		buf_addf(out, "%s: x\n", pack_text_name(i));
}

/* A pack whose file number `which` is the text. */
static void
make_content(struct buf *content, size_t which, const char *text, size_t len)
{
	struct buf texts;

	buf_init(&texts, 4096);
	add_texts(&texts);
	buf_adds(content, PACK_FORMAT);
	for (size_t i = next_file(""); i < N_FILES;
	     i = next_file(files[i].name)) {
		const char *own =
			files[i].text ? files[i].text : buf_str(&texts);
		size_t own_len = strlen(own);
		if (i == which) {
			own = text;
			own_len = len;
		}
		if (i != which && !own_len)
			continue;
		buf_addf(content, "%s %zu\n", files[i].name, own_len);
		buf_add(content, own, own_len);
	}
	buf_release(&texts);
}

static void
ask(const struct pack *pack, const char *text, size_t len)
{
	const struct trigger *trigger = pack_trigger(pack, text, len);
	const struct smalltalk *smalltalk = pack_smalltalk(pack, text, len);

	assert(!trigger || (trigger->name[0] && trigger->answer[0]));
	assert(!smalltalk || (smalltalk->name[0] && smalltalk->answer[0]));
	if (pack->forms) {
		struct arena arena = {0};
		struct form_heard heard;
		form_hear(pack, text, len, &arena, &heard);
		assert(heard.whole <= FORM_COMMANDS);
		arena_release(&arena);
	}
}

static void
check_lines(const struct pack_line *lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert(lines[i].title[0] && lines[i].text[0] &&
		       lines[i].line > 0);
}

/* What other people's pages show. */
static void
check_front(const struct pack_front *front)
{
	const char *url = front->privacy_url;

	assert(!*url || strncmp(url, "https://", 8) == 0 ||
	       strncmp(url, "http://", 7) == 0);
	assert(!url[strcspn(url, " \"<>\\\n")]);
	assert(front->firm && front->greeting);
	for (size_t i = 0; i < front->n_starters; i++)
		assert(front->starters[i].text[0]);
	check_lines(front->topics, front->n_topics);
	check_lines(front->contacts, front->n_contacts);
}

/* Whatever stands in a pack that can be read, it can be looked through. */
static void
look_through(const struct pack *pack)
{
	struct check_entry entry = {"a", pack->name, "faq/a.yaml", 1};
	struct findings findings = {0};

	pack_check(pack, &entry, 1, &findings);
	findings_sort(&findings);
	for (size_t i = 0; i < findings.n; i++) {
		assert(findings.list[i].file[0] && findings.list[i].text[0]);
		assert(findings.list[i].line >= 0);
	}
	findings_release(&findings);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	struct buf content;

	if (size == 0)
		return 0;
	const char *text = (const char *)data + 1;
	buf_init(&content, 1 << 20);
	size_t which = data[0]; /* others: all of the content */
	if (which < N_FILES)
		make_content(&content, which, text, size - 1);
	else
		buf_add(&content, text, size - 1);
	struct pack *pack =
		pack_read_content(buf_str(&content), content.len, &err);
	assert((pack != NULL) == (err.text[0] == '\0'));
	if (pack) {
		struct pack *again = pack_read_content(pack->content,
						       pack->content_len, &err);
		assert(again && strcmp(again->hash, pack->hash) == 0);
		check_front(&pack->front);
		ask(pack, text, size - 1);
		ask(pack, "I lost my card. A human, hi", 27);
		look_through(pack);
		pack_free(again);
	}
	pack_free(pack);
	buf_release(&content);
	return 0;
}

/* Facts and links of answers.  One thread. */
#include <cmark.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "faq/lint_parts.h"

#define SHOWN_MAX 60

static void
check_facts(struct linting *l, size_t i)
{
	const struct faq_version *entry = &l->file->entries[i];
	const struct faq_place *place = &l->file->places[i];

	for (const char *at = strstr(entry->source, "{{"); at;
	     at = strstr(at + 2, "{{")) {
		const char *end = strstr(at, "}}");
		size_t len = end ? (size_t)(end - at) - 2 : 0;
		if (end && l->desk->value(l->desk->facts, at + 2, len))
			continue;
		findings_add(l->out, FINDING_ERROR, "unknown-fact", place->file,
			     place->answer,
			     "the answer of '%s' needs the fact '%.*s', which "
			     "is not there",
			     entry->name,
			     (int)(len < SHOWN_MAX ? len : SHOWN_MAX), at + 2);
	}
}

static bool
leads_somewhere(const char *url)
{
	static const char *const schemes[] = {"https://", "http://",
					      "mailto:", "tel:"};

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		size_t len = strlen(schemes[i]);
		if (strncasecmp(url, schemes[i], len) == 0)
			return url[len] != '\0';
	}
	return false;
}

static void
check_link(struct linting *l, size_t i, const char *url)
{
	const struct faq_place *place = &l->file->places[i];

	if (!leads_somewhere(url))
		findings_add(l->out, FINDING_ERROR, "dead-link", place->file,
			     place->answer,
			     "a link of the answer of '%s' goes to '%.*s', "
			     "which leads nowhere from a chat",
			     l->file->entries[i].name, SHOWN_MAX, url);
}

void
lint_references(struct linting *l, size_t i)
{
	const char *answer = l->file->entries[i].answer;
	cmark_node *root =
		cmark_parse_document(answer, strlen(answer), CMARK_OPT_DEFAULT);
	cmark_iter *iter = cmark_iter_new(root);

	if (l->desk->facts)
		check_facts(l, i);
	while (cmark_iter_next(iter) != CMARK_EVENT_DONE) {
		cmark_node *node = cmark_iter_get_node(iter);
		bool is_begin =
			cmark_iter_get_event_type(iter) == CMARK_EVENT_ENTER;
		if (is_begin && cmark_node_get_type(node) == CMARK_NODE_LINK)
			check_link(l, i, cmark_node_get_url(node));
	}
	cmark_iter_free(iter);
	cmark_node_free(root);
}

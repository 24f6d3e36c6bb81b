#include "mrkdwn.h"

#include <cmark.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEPTH_MAX 50 /* of lists and quotes that are still told apart */
#define URL_MAX 2000 /* a button of Slack's takes 3000 */
#define FENCE "```"

/* One that is being written.  A line begins with what its lists and quotes put
 * there; blank lines part blocks, but not the items of a tight list. */
struct writer {
	FILE *out;
	char prefix[DEPTH_MAX * 4 + 1]; /* of further lines */
	int depth;
	int bold;	 /* headings and strong words that one is in */
	int label;	 /* links and images: marks would show */
	bool has_text;	 /* something was written */
	bool is_at_item; /* behind a bullet: no new line */
};

void
mrkdwn_escape(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else
			putc(*text, out);
	}
}

char *
mrkdwn_part_fences(const char *text)
{
	char *parted = NULL;
	size_t len;
	FILE *out = open_memstream(&parted, &len);
	for (size_t n = 0; out && text[n]; n++) {
		putc(text[n], out);
		if (n > 0 && strncmp(text + n - 1, FENCE, strlen(FENCE)) == 0)
			putc(' ', out);
	}
	if (out && fclose(out) == 0)
		return parted;
	free(parted);
	return NULL;
}

/* ---- Lines and blocks */

static void
begin_line(struct writer *w)
{
	putc('\n', w->out);
	fputs(w->prefix, w->out);
}

/* With no blanks at its end. */
static void
skip_line(struct writer *w)
{
	size_t len = strlen(w->prefix);
	while (len > 0 && w->prefix[len - 1] == ' ')
		len--;
	fprintf(w->out, "\n%.*s", (int)len, w->prefix);
}

static bool
is_in_tight_list(cmark_node *node)
{
	cmark_node *item = cmark_node_parent(node);
	if (cmark_node_get_type(node) == CMARK_NODE_ITEM)
		item = node;
	cmark_node *list = item ? cmark_node_parent(item) : NULL;
	return item && cmark_node_get_type(item) == CMARK_NODE_ITEM &&
	       cmark_node_get_list_tight(list);
}

/* Before a block: part it from the one before. */
static void
begin_block(struct writer *w, cmark_node *node)
{
	if (w->has_text && !w->is_at_item) {
		if (!is_in_tight_list(node))
			skip_line(w);
		begin_line(w);
	}
	w->has_text = true;
	w->is_at_item = false;
}

/* A deeper one than that goes on as if it were not. */
static void
push(struct writer *w, const char *prefix)
{
	if (w->depth++ < DEPTH_MAX)
		strncat(w->prefix, prefix,
			sizeof(w->prefix) - strlen(w->prefix) - 1);
}

static void
pop(struct writer *w, const char *prefix)
{
	if (--w->depth < DEPTH_MAX)
		w->prefix[strlen(w->prefix) - strlen(prefix)] = '\0';
}

static void
write_lines(struct writer *w, const char *text)
{
	size_t len = strlen(text);
	while (len > 0 && text[len - 1] == '\n')
		len--;
	char *lines = strndup(text, len);
	for (char *line = lines; line;) {
		char *end = strchr(line, '\n');
		if (end)
			*end = '\0';
		mrkdwn_escape(w->out, line);
		if (end)
			begin_line(w);
		line = end ? end + 1 : NULL;
	}
	free(lines);
}

/* A fence within the code would end it. */
static void
write_code_block(struct writer *w, cmark_node *node)
{
	char *text = mrkdwn_part_fences(cmark_node_get_literal(node));
	begin_block(w, node);
	fputs(FENCE, w->out);
	begin_line(w);
	if (text)
		write_lines(w, text);
	free(text);
	begin_line(w);
	fputs(FENCE, w->out);
}

/* Lists count their items as they are written. */
static int
next_number(cmark_node *list)
{
	intptr_t n = (intptr_t)cmark_node_get_user_data(list);
	cmark_node_set_user_data(list, (void *)(n + 1));
	return cmark_node_get_list_start(list) + (int)n;
}

static void
write_item(struct writer *w, cmark_node *node, bool is_enter)
{
	cmark_node *list = cmark_node_parent(node);
	if (!is_enter) {
		pop(w, "    ");
		w->is_at_item = false;
		return;
	}
	begin_block(w, node);
	if (cmark_node_get_list_type(list) == CMARK_ORDERED_LIST)
		fprintf(w->out, "%d. ", next_number(list));
	else
		fputs("• ", w->out);
	push(w, "    ");
	w->is_at_item = true;
}

static void
write_quote(struct writer *w, cmark_node *node, bool is_enter)
{
	if (!is_enter) {
		pop(w, "> ");
		return;
	}
	begin_block(w, node);
	fputs("> ", w->out);
	push(w, "> ");
	w->is_at_item = true;
}

/* ---- What stands in a line */

static void
write_mark(struct writer *w, char mark)
{
	if (!w->label)
		putc(mark, w->out);
}

/* What is bold within what is bold is so already. */
static void
write_bold(struct writer *w, bool is_enter)
{
	w->bold -= !is_enter;
	if (!w->bold)
		write_mark(w, '*');
	w->bold += is_enter;
}

static void
write_code(struct writer *w, const char *text)
{
	write_mark(w, '`');
	mrkdwn_escape(w->out, text);
	write_mark(w, '`');
}

bool
mrkdwn_is_address(const char *url)
{
	static const char *const schemes[] = {"https://", "http://",
					      "mailto:", "tel:"};
	bool is_known = false;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		is_known |=
			strncasecmp(url, schemes[i], strlen(schemes[i])) == 0;
	return is_known && strlen(url) <= URL_MAX;
}

/* An address within "<" and "|": neither may stand in it. */
static void
write_url(struct writer *w, const char *url)
{
	for (; *url; url++) {
		char c[2] = {*url};
		if (*url == '|')
			fputs("%7C", w->out);
		else if (*url == '<')
			fputs("%3C", w->out);
		else if (*url == '>')
			fputs("%3E", w->out);
		else if ((unsigned char)*url <= ' ')
			fprintf(w->out, "%%%02X", (unsigned char)*url);
		else
			mrkdwn_escape(w->out, c);
	}
}

/* Of an address that is none for customers the label alone. */
static void
write_link(struct writer *w, cmark_node *node, bool is_enter)
{
	const char *url = cmark_node_get_url(node);
	w->label -= !is_enter;
	bool is_link = !w->label && url && mrkdwn_is_address(url);
	w->label += is_enter;
	if (is_link && !is_enter) {
		putc('>', w->out);
	} else if (is_link) {
		putc('<', w->out);
		write_url(w, url);
		if (cmark_node_first_child(node))
			putc('|', w->out);
	}
}

static void
write_break(struct writer *w, bool is_hard)
{
	if (is_hard && !w->label)
		begin_line(w);
	else
		putc(' ', w->out);
}

/* ---- The whole */

static void
write_leaf(struct writer *w, cmark_node *node)
{
	const char *text = cmark_node_get_literal(node);
	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_TEXT:
	case CMARK_NODE_HTML_INLINE:
		mrkdwn_escape(w->out, text);
		break;
	case CMARK_NODE_CODE:
		write_code(w, text);
		break;
	case CMARK_NODE_SOFTBREAK:
	case CMARK_NODE_LINEBREAK:
		write_break(w,
			    cmark_node_get_type(node) == CMARK_NODE_LINEBREAK);
		break;
	case CMARK_NODE_HTML_BLOCK:
		begin_block(w, node);
		write_lines(w, text);
		break;
	case CMARK_NODE_CODE_BLOCK:
		write_code_block(w, node);
		break;
	case CMARK_NODE_THEMATIC_BREAK:
		begin_block(w, node);
		fputs("———", w->out);
		break;
	default:
		break;
	}
}

static void
write_node(struct writer *w, cmark_node *node, bool is_enter)
{
	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_PARAGRAPH:
		if (is_enter)
			begin_block(w, node);
		break;
	case CMARK_NODE_HEADING:
		if (is_enter)
			begin_block(w, node);
		write_bold(w, is_enter);
		break;
	case CMARK_NODE_ITEM:
		write_item(w, node, is_enter);
		break;
	case CMARK_NODE_BLOCK_QUOTE:
		write_quote(w, node, is_enter);
		break;
	case CMARK_NODE_EMPH:
		write_mark(w, '_');
		break;
	case CMARK_NODE_STRONG:
		write_bold(w, is_enter);
		break;
	case CMARK_NODE_LINK:
	case CMARK_NODE_IMAGE:
		write_link(w, node, is_enter);
		break;
	default:
		write_leaf(w, node);
	}
}

static void
write_document(struct writer *w, cmark_node *document)
{
	cmark_iter *iter = cmark_iter_new(document);
	cmark_event_type event;
	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE)
		write_node(w, cmark_iter_get_node(iter),
			   event == CMARK_EVENT_ENTER);
	cmark_iter_free(iter);
}

char *
mrkdwn_render(const char *commonmark)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	cmark_node *document = cmark_parse_document(
		commonmark, strlen(commonmark), CMARK_OPT_DEFAULT);
	if (out && document)
		write_document(&(struct writer){.out = out}, document);
	if (document)
		cmark_node_free(document);
	if (!out || fclose(out) != 0 || !document) {
		free(text);
		return NULL;
	}
	return text;
}

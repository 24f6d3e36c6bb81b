#include "decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
decode_read_span(const char *text, struct decode_span *span, const char **end_r)
{
	size_t len = strcspn(text + 1, "<>\n");
	if (text[1 + len] != '>')
		return false;
	const char *bar = memchr(text + 1, '|', len);
	span->body = text + 1;
	span->body_len = bar ? (size_t)(bar - span->body) : len;
	span->label = bar ? bar + 1 : NULL;
	span->label_len = bar ? len - span->body_len - 1 : 0;
	*end_r = text + len + 2;
	return true;
}

static bool
is_user(const struct decode_span *span)
{
	return span->body_len > 2 && span->body[0] == '@' &&
	       (span->body[1] == 'U' || span->body[1] == 'W');
}

static bool
is_that_user(const struct decode_span *span, const char *user)
{
	return user && is_user(span) && strlen(user) == span->body_len - 1 &&
	       memcmp(span->body + 1, user, span->body_len - 1) == 0;
}

/* Entities as what they stand for, each once: "&amp;lt;" is "&lt;". */
static void
add_text(FILE *out, const char *text, size_t len)
{
	static const struct {
		const char *name;
		char c;
	} entities[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}};
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		for (size_t k = 0; c == '&' && k < 3; k++) {
			size_t n = strlen(entities[k].name);
			if (len - i < n ||
			    memcmp(text + i, entities[k].name, n) != 0)
				continue;
			c = entities[k].c;
			i += n - 1;
			break;
		}
		putc(c, out);
	}
}

/* The sign, and the label without one of its own; else what stands there. */
static void
add_named(FILE *out, char sign, const struct decode_span *span, size_t skip)
{
	const char *text = span->body + skip;
	size_t len = span->body_len - skip;
	if (span->label_len > 0) {
		text = span->label;
		len = span->label_len;
	}
	if (len > 0 && *text == sign) {
		text++;
		len--;
	}
	putc(sign, out);
	add_text(out, text, len);
}

/* <!here>, <!subteam^S1|@team>, <!date^...|fallback> */
static void
add_special(FILE *out, const struct decode_span *span)
{
	size_t n = span->body_len;
	if (n >= 9 && memcmp(span->body, "!subteam^", 9) == 0)
		add_named(out, '@', span, 9);
	else if (n >= 6 && memcmp(span->body, "!date^", 6) == 0)
		add_text(out, span->label ? span->label : "", span->label_len);
	else {
		putc('@', out);
		add_text(out, span->body + 1, n - 1);
	}
}

/* Does the label say no more than the address does?  "example.com" of
 * "https://example.com", "a@b.example" of "mailto:a@b.example". */
static bool
is_same_address(const struct decode_span *span)
{
	const char *colon = memchr(span->body, ':', span->body_len);
	size_t skip = colon ? (size_t)(colon - span->body) + 1 : 0;
	if (span->body_len - skip > 2 &&
	    memcmp(span->body + skip, "//", 2) == 0)
		skip += 2;
	return span->label_len == span->body_len - skip &&
	       memcmp(span->body + skip, span->label, span->label_len) == 0;
}

static void
add_link(FILE *out, const struct decode_span *span)
{
	if (!span->label_len) {
		add_text(out, span->body, span->body_len);
		return;
	}
	add_text(out, span->label, span->label_len);
	if (is_same_address(span))
		return;
	fputs(" (", out);
	add_text(out, span->body, span->body_len);
	putc(')', out);
}

/* By the label that Slack has put there, or what we know him by. */
static void
add_user(FILE *out, const struct decode_span *span,
	 const struct decode_self *self)
{
	char id[64];
	snprintf(id, sizeof(id), "%.*s", (int)span->body_len - 1,
		 span->body + 1);
	const char *name = span->label_len == 0 && self->find
				   ? self->find(self->arg, id)
				   : NULL;
	if (name)
		fprintf(out, "@%s", name);
	else
		add_named(out, '@', span, 1);
}

static void
add_span(FILE *out, const struct decode_span *span,
	 const struct decode_self *self)
{
	if (is_that_user(span, self->user) && self->name)
		fprintf(out, "@%s", self->name);
	else if (is_user(span))
		add_user(out, span, self);
	else if (span->body_len > 1 && span->body[0] == '#')
		add_named(out, '#', span, 1);
	else if (span->body_len > 1 && span->body[0] == '!')
		add_special(out, span);
	else
		add_link(out, span);
}

const char *
decode_skip_address(const char *text, const struct decode_self *self)
{
	struct decode_span span;
	const char *end, *start = text + strspn(text, " \t\r\n");
	if (*start != '<' || !decode_read_span(start, &span, &end) ||
	    !is_that_user(&span, self->user))
		return text;
	end += strspn(end, ",: \t\r\n");
	return end;
}

char *
decode_part(const char *text, const struct decode_self *self)
{
	char *decoded = NULL;
	size_t len;
	FILE *out = open_memstream(&decoded, &len);
	if (!out)
		return NULL;
	while (*text) {
		struct decode_span span;
		const char *end;
		if (*text == '<' && decode_read_span(text, &span, &end)) {
			add_span(out, &span, self);
		} else {
			end = text + 1 + strcspn(text + 1, "<");
			add_text(out, text, (size_t)(end - text));
		}
		text = end;
	}
	if (fclose(out) == 0)
		return decoded;
	free(decoded);
	return NULL;
}

/* The first span at or behind text that is a user's; NULL: none. */
static const char *
next_mention(const char *text, struct decode_span *span)
{
	const char *end;
	for (text = strchr(text, '<'); text; text = strchr(text + 1, '<'))
		if (decode_read_span(text, span, &end) && is_user(span))
			return text;
	return NULL;
}

const char *
decode_first_mention(const char *text, size_t *len_r)
{
	struct decode_span span;
	if (!next_mention(text, &span))
		return NULL;
	*len_r = span.body_len - 1;
	return span.body + 1;
}

bool
decode_mentions(const char *text, const char *user)
{
	struct decode_span span;
	while ((text = next_mention(text, &span))) {
		if (is_that_user(&span, user))
			return true;
		text++;
	}
	return false;
}

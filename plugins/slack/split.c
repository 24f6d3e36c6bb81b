#include "split.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FENCE "```"
/* "(12/34)\n", a fence that is opened again, one that is closed. */
#define MARKS_MAX 40

/* Where it is good to cut, best first; ANYWHERE also within a link. */
enum place { PARAGRAPH, LINE, SENTENCE, WORD, CHARACTER, ANYWHERE, N_PLACES };

/* What is being looked at: byte i of text, which is in a fence, a "<...>" or an
 * "&...;", or not. */
struct scan {
	const char *text;
	size_t i, n_units;
	bool is_fence, is_link, is_entity;
	size_t cuts[N_PLACES];	  /* the last place to cut of each; 0: none */
	bool is_fenced[N_PLACES]; /* was it in a fence? */
};

static size_t
char_size(const char *text)
{
	size_t n = 1;
	while (((unsigned char)text[n] & 0xC0) == 0x80)
		n++;
	return n;
}

/* Beyond the basic plane a character, of four bytes, has two. */
static size_t
char_units(const char *text)
{
	return (unsigned char)*text >= 0xF0 ? 2 : 1;
}

size_t
split_length(const char *text, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i += char_size(text + i))
		n += char_units(text + i);
	return n;
}

size_t
split_fit(const char *text, size_t max)
{
	size_t i = 0, n = 0;
	while (text[i] && n + char_units(text + i) <= max) {
		n += char_units(text + i);
		i += char_size(text + i);
	}
	return i;
}

/* ---- Where to cut */

static void
note(struct scan *s, enum place place)
{
	s->cuts[place] = s->i;
	s->is_fenced[place] = s->is_fence;
}

/* What kind of place is it before byte i? */
static void
note_place(struct scan *s)
{
	const char *at = s->text + s->i;
	if (s->i == 0)
		return;
	note(s, ANYWHERE);
	if (s->is_link || s->is_entity)
		return;
	note(s, CHARACTER);
	if (!s->is_fence && strncmp(at, "\n\n", 2) == 0)
		note(s, PARAGRAPH);
	if (*at == '\n')
		note(s, LINE);
	if (s->is_fence || *at != ' ')
		return;
	note(s, WORD);
	if (strchr(".!?", at[-1]))
		note(s, SENTENCE);
}

static void
step(struct scan *s)
{
	const char *at = s->text + s->i;
	size_t n = char_size(at);
	if (strncmp(at, FENCE, 3) == 0) {
		s->is_fence = !s->is_fence;
		n = 3;
	}
	if (*at == '<' || *at == '>')
		s->is_link = *at == '<';
	if (*at == '&' || *at == ';')
		s->is_entity = *at == '&';
	s->n_units += n == 3 && *at == '`' ? 3 : char_units(at);
	s->i += n;
}

/* A place that leaves less than a quarter makes crumbs. */
static enum place
best_place(const struct scan *s)
{
	for (int place = 0; place < ANYWHERE; place++)
		if (s->cuts[place] > s->i / 4)
			return (enum place)place;
	for (int place = 0; place < ANYWHERE; place++)
		if (s->cuts[place] > 0)
			return (enum place)place;
	return ANYWHERE;
}

/* ---- Parts */

struct cutter {
	const char *text; /* what is left */
	bool is_fence;	  /* it begins within one */
	struct split_parts *parts;
	size_t room;
};

static int
add_part(struct cutter *c, size_t len, bool is_open)
{
	struct split_parts *parts = c->parts;
	char **texts =
		realloc(parts->texts, (parts->n + 1) * sizeof(*parts->texts));
	if (!texts)
		return -1;
	parts->texts = texts;
	size_t size = len + 2 * sizeof(FENCE "\n");
	char *part = malloc(size);
	if (!part)
		return -1;
	snprintf(part, size, "%s%.*s%s", c->is_fence ? FENCE "\n" : "",
		 (int)len, c->text, is_open ? "\n" FENCE : "");
	parts->texts[parts->n++] = part;
	return 0;
}

/* Blanks at a cut go with it, and so does the end of a fence. */
static void
go_on_at(struct cutter *c, size_t at, bool is_fence)
{
	c->text += at;
	c->text += strspn(c->text, is_fence ? "\n" : " \n");
	c->is_fence = is_fence && strncmp(c->text, FENCE, 3) != 0;
	if (is_fence && !c->is_fence)
		c->text += 3 + strspn(c->text + 3, "\n");
}

static int
cut_next(struct cutter *c)
{
	struct scan s = {.text = c->text, .is_fence = c->is_fence};
	while (c->text[s.i]) {
		size_t n = s.n_units;
		if (n + 4 > c->room)
			break;
		note_place(&s);
		step(&s);
	}
	if (!c->text[s.i]) {
		int rc = add_part(c, s.i, false);
		c->text += s.i;
		return rc;
	}
	note_place(&s);
	enum place place = best_place(&s);
	size_t at = s.cuts[place];
	bool is_open = s.is_fenced[place];
	if (add_part(c, at, is_open))
		return -1;
	go_on_at(c, at, is_open);
	return 0;
}

static int
number_parts(struct split_parts *parts)
{
	for (size_t i = 0; parts->n > 2 && i < parts->n; i++) {
		size_t size = strlen(parts->texts[i]) + MARKS_MAX;
		char *numbered = malloc(size);
		if (!numbered)
			return -1;
		snprintf(numbered, size, "(%zu/%zu)\n%s", i + 1, parts->n,
			 parts->texts[i]);
		free(parts->texts[i]);
		parts->texts[i] = numbered;
	}
	return 0;
}

int
split_text(const char *text, size_t max, struct split_parts *parts)
{
	struct cutter c = {.text = text, .parts = parts};
	*parts = (struct split_parts){NULL, 0};
	c.room = split_length(text, strlen(text)) <= max ? SIZE_MAX
							 : max - MARKS_MAX;
	int rc = 0;
	do
		rc = cut_next(&c);
	while (rc == 0 && *c.text);
	if (rc == 0)
		rc = number_parts(parts);
	if (rc)
		split_release(parts);
	return rc;
}

void
split_release(struct split_parts *parts)
{
	for (size_t i = 0; i < parts->n; i++)
		free(parts->texts[i]);
	free(parts->texts);
	*parts = (struct split_parts){NULL, 0};
}

#include "admin/line_diff.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"

/* Of the table of longest common subsequences; beyond it all that lies between
 * the first and the last difference is told as gone, and as new. */
#define CELLS_MAX ((size_t)4 << 20)

struct lines {
	const char **list;
	size_t n;
};

struct diff {
	struct arena arena;
	struct lines a, b; /* without what is the same at both ends */
	uint16_t *lengths; /* (a.n + 1, b.n + 1), of what follows */
	json_t *out;
};

static void
split(struct arena *arena, const char *text, struct lines *lines)
{
	size_t n = 1;
	for (const char *c = text; *c; c++)
		n += *c == '\n';
	lines->list = arena_array(arena, n, sizeof(*lines->list));
	lines->n = 0;
	while (*text) {
		size_t len = strcspn(text, "\n");
		lines->list[lines->n++] = arena_strndup(arena, text, len);
		text += len + (text[len] == '\n');
	}
}

static bool
is_same(const struct diff *d, size_t i, size_t j)
{
	return strcmp(d->a.list[i], d->b.list[j]) == 0;
}

static void
cut_ends(struct diff *d)
{
	while (d->a.n && d->b.n && is_same(d, d->a.n - 1, d->b.n - 1)) {
		d->a.n--;
		d->b.n--;
	}
	while (d->a.n && d->b.n && is_same(d, 0, 0)) {
		d->a.list++;
		d->a.n--;
		d->b.list++;
		d->b.n--;
	}
}

static void
add(struct diff *d, char sign, const char *line)
{
	json_add_text(d->out, arena_printf(&d->arena, "%c %s", sign, line));
}

static uint16_t *
length_at(const struct diff *d, size_t i, size_t j)
{
	return &d->lengths[i * (d->b.n + 1) + j];
}

static void
measure(struct diff *d)
{
	for (size_t i = d->a.n; i-- > 0;)
		for (size_t j = d->b.n; j-- > 0;) {
			uint16_t down = *length_at(d, i + 1, j);
			uint16_t right = *length_at(d, i, j + 1);
			uint16_t best = down > right ? down : right;
			if (is_same(d, i, j))
				best = (uint16_t)(*length_at(d, i + 1, j + 1) +
						  1);
			*length_at(d, i, j) = best;
		}
}

static void
walk(struct diff *d)
{
	size_t i = 0, j = 0;
	while (i < d->a.n && j < d->b.n) {
		if (is_same(d, i, j)) {
			i++;
			j++;
		} else if (*length_at(d, i + 1, j) >= *length_at(d, i, j + 1)) {
			add(d, '-', d->a.list[i++]);
		} else {
			add(d, '+', d->b.list[j++]);
		}
	}
	while (i < d->a.n)
		add(d, '-', d->a.list[i++]);
	while (j < d->b.n)
		add(d, '+', d->b.list[j++]);
}

static void
tell_all(struct diff *d)
{
	for (size_t i = 0; i < d->a.n; i++)
		add(d, '-', d->a.list[i]);
	for (size_t j = 0; j < d->b.n; j++)
		add(d, '+', d->b.list[j]);
}

json_t *
line_diff(const char *old_text, const char *new_text)
{
	struct diff d = {.out = json_array()};
	split(&d.arena, old_text, &d.a);
	split(&d.arena, new_text, &d.b);
	cut_ends(&d);
	if ((d.a.n + 1) * (d.b.n + 1) > CELLS_MAX || d.a.n >= UINT16_MAX) {
		tell_all(&d);
	} else {
		d.lengths = arena_array(&d.arena, (d.a.n + 1) * (d.b.n + 1),
					sizeof(*d.lengths));
		measure(&d);
		walk(&d);
	}
	arena_release(&d.arena);
	return d.out;
}

/* What was said in a conversation, read from the host page by page. */
#include <stdlib.h>
#include <string.h>

#include "desk_parts.h"

#define PAGE 200
#define SAID_MAX 200  /* that are kept of all */
#define TEXT_MAX 4000 /* bytes of each */

struct look {
	struct desk *desk;
	struct look *next, **link;
	struct said_list said;
	char conversation[TELLER_KEY_MAX + 1], after[64];
	bool is_all;
	look_fn *fn;
	void *arg;
};

static void
said_release(struct said *said)
{
	free(said->id);
	free(said->author);
	free(said->name);
	free(said->kind);
	free(said->text);
}

static void
look_free(struct look *look)
{
	for (size_t i = 0; i < look->said.n; i++)
		said_release(&look->said.list[i]);
	free(look->said.list);
	*look->link = look->next;
	if (look->next)
		look->next->link = look->link;
	free(look);
}

void
looks_close(struct desk *desk)
{
	while (desk->looks)
		look_free(desk->looks);
}

static char *
copy_cut(const char *text)
{
	size_t len = strlen(text);
	if (len > TEXT_MAX) {
		len = TEXT_MAX;
		while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
			len--;
	}
	return strndup(text, len);
}

/* false without memory. */
static bool
add(struct said_list *said, const struct teller_entry *entry)
{
	if (said->n == SAID_MAX) {
		said_release(&said->list[0]);
		memmove(said->list, said->list + 1,
			--said->n * sizeof(*said->list));
		said->is_cut = true;
	}
	struct said *one = &said->list[said->n++];
	*one = (struct said){
		.id = strdup(entry->id),
		.author = strdup(entry->author),
		.name = strdup(entry->name),
		.kind = strdup(entry->kind),
		.text = copy_cut(entry->text ? entry->text : ""),
	};
	return one->id && one->author && one->name && one->kind && one->text;
}

static int look_page(struct look *, size_t n);

static void
tell(struct look *look, const struct said_list *said)
{
	look->fn(look->arg, said);
	look_free(look);
}

static void
on_history(void *arg, const struct teller_history *history)
{
	struct look *look = arg;
	bool is_kept = true;
	for (size_t i = 0; i < history->n_entries && is_kept; i++)
		is_kept = add(&look->said, &history->entries[i]);
	if (!history->found || !is_kept) {
		tell(look, NULL);
		return;
	}
	if (look->said.n > 0)
		strncpy(look->after, look->said.list[look->said.n - 1].id,
			sizeof(look->after) - 1);
	if (!look->is_all || !history->more || look_page(look, PAGE))
		tell(look, &look->said);
}

static int
look_page(struct look *look, size_t n)
{
	const struct slack *slack = look->desk->slack;
	return slack->services->history(slack->host, "", look->conversation,
					look->after, n, on_history, look);
}

int
desk_look(struct desk *desk, const char *conversation, const char *after,
	  size_t n, look_fn *fn, void *arg)
{
	struct look *look = calloc(1, sizeof(*look));
	if (!look)
		return -1;
	look->desk = desk;
	look->next = desk->looks;
	look->link = &desk->looks;
	if (look->next)
		look->next->link = &look->next;
	desk->looks = look;
	look->is_all = n == 0;
	look->fn = fn;
	look->arg = arg;
	look->said.list = calloc(SAID_MAX, sizeof(*look->said.list));
	strncpy(look->conversation, conversation,
		sizeof(look->conversation) - 1);
	strncpy(look->after, after ? after : "", sizeof(look->after) - 1);
	if (look->said.list && look_page(look, n && n < PAGE ? n : PAGE) == 0)
		return 0;
	look_free(look);
	return -1;
}

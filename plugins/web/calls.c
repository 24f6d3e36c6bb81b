/* The two collections there are: calls under way, and those who wait. */
#include <stdio.h>
#include <string.h>

#include "web.h"

void
web_call_begin(struct web *web, struct web_call *call)
{
	call->next = web->calls;
	call->link = &web->calls;
	if (call->next)
		call->next->link = &call->next;
	web->calls = call;
}

void
web_call_end(struct web_call *call)
{
	*call->link = call->next;
	if (call->next)
		call->next->link = call->link;
	call->link = NULL;
}

void
web_settle(struct web *web)
{
	if (!web->is_stopping || web->is_stopped || web->calls ||
	    waiters_first(&web->questions, NULL))
		return;
	web->is_stopped = true;
	web->services->stopped(web->host);
}

void
web_drop_calls(struct web *web)
{
	while (web->calls) {
		struct web_call *call = web->calls;
		web_call_end(call);
		call->drop(call);
	}
}

/* ---- Waiting for a conversation */

static size_t
bucket_of(const char *conversation)
{
	size_t hash = 5381;
	for (; *conversation; conversation++)
		hash = hash * 33 + (unsigned char)*conversation;
	return hash % WEB_BUCKETS;
}

void
waiters_add(struct waiters *waiters, struct waiter *waiter,
	    const char *conversation)
{
	snprintf(waiter->conversation, sizeof(waiter->conversation), "%s",
		 conversation);
	struct waiter **head =
		&waiters->buckets[bucket_of(waiter->conversation)];
	waiter->next = *head;
	waiter->link = head;
	if (waiter->next)
		waiter->next->link = &waiter->next;
	*head = waiter;
}

void
waiters_remove(struct waiter *waiter)
{
	if (!waiter->link)
		return;
	*waiter->link = waiter->next;
	if (waiter->next)
		waiter->next->link = waiter->link;
	waiter->link = NULL;
}

/* The first of a bucket from there on; of any bucket, without a conversation.
 */
static struct waiter *
find(const struct waiters *waiters, struct waiter *waiter, size_t bucket,
     const char *conversation)
{
	if (conversation) {
		while (waiter && strcmp(waiter->conversation, conversation))
			waiter = waiter->next;
		return waiter;
	}
	while (!waiter && ++bucket < WEB_BUCKETS)
		waiter = waiters->buckets[bucket];
	return waiter;
}

struct waiter *
waiters_first(const struct waiters *waiters, const char *conversation)
{
	size_t bucket = conversation ? bucket_of(conversation) : 0;
	return find(waiters, waiters->buckets[bucket], bucket, conversation);
}

struct waiter *
waiters_next(const struct waiters *waiters, const struct waiter *waiter,
	     const char *conversation)
{
	return find(waiters, waiter->next, bucket_of(waiter->conversation),
		    conversation);
}

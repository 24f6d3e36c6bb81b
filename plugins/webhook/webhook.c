/* Tells a program of the firm's of each case, by HTTPS, signed as Standard
 * Webhooks has it (standardwebhooks.com, 1.0.0):
 *
 *	POST url
 *	Content-Type: application/json
 *	webhook-id: the same at every attempt
 *	webhook-timestamp: seconds since 1970, of this attempt
 *	webhook-signature: v1,base64(HMAC-SHA256(secret, "id.timestamp.body"))
 *
 * Who receives it checks the signature, refuses an old timestamp, and does what
 * is to be done once for each id: an attempt of which nobody knows whether it
 * arrived is made again, also by the next process. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tellerd/plugin.h>

#include "signature.h"

#define US_PER_S 1000000
#define ID_SIZE 128
#define RETRY_AFTER_MAX_S (24 * 3600)

static const struct teller_option options[] = {
	{
		.name = "url",
		.type = TELLER_TEXT,
		.min = 1,
		.max = 2000,
		.help = "Where each case is posted to: https://...",
	},
	{
		.name = "secret",
		.type = TELLER_SECRET,
		.help = "What signs it: 24 to 64 random bytes in base64, "
			"perhaps behind whsec_.",
	},
	{
		.name = "timeout",
		.type = TELLER_DURATION,
		.min = 100,
		.max = 60 * 1000,
		.fallback = "15 s",
		.help = "How long an answer may take.",
	},
	{
		.name = "ca_file",
		.type = TELLER_TEXT,
		.max = 4000,
		.fallback = "",
		.help = "Certificates to trust instead of the system's.",
	},
	{
		.name = "allow_private",
		.type = TELLER_BOOL,
		.fallback = "false",
		.help = "The address may be of this machine or a private "
			"network.",
	},
	{.name = NULL},
};

struct webhook {
	const struct teller_services *services;
	struct teller_host *host;
	const char *url, *ca_file; /* of the settings: borrowed until close() */
	struct post *posts;
	bool is_stopping;
};

/* One attempt that is under way. */
struct post {
	struct webhook *self;
	struct post *next, **link;
	char job[64];
};

/* ---- Opening */

static int
webhook_open(const struct teller_services *services, struct teller_host *host,
	     void **self_r, struct teller_words *words)
{
	struct webhook *self = calloc(1, sizeof *self);

	if (!self) {
		snprintf(words->text, sizeof words->text, "no memory");
		return -1;
	}
	self->services = services;
	self->host = host;
	self->url = services->option_text(host, "url");
	self->ca_file = services->option_text(host, "ca_file");
	if (strncmp(self->url, "https://", 8) != 0) {
		snprintf(words->text, sizeof words->text,
			 "url must begin with https://, as a case is nobody "
			 "else's to read");
		free(self);
		return -1;
	}
	*self_r = self;
	return 0;
}

/* The key as it stands in its file now, so that it may be changed there. */
static int
read_key(struct webhook *self, struct signature_key *key)
{
	size_t len;
	const char *secret =
		self->services->secret_get(self->host, "secret", &len);

	return secret ? signature_read_key(key, secret, len) : -1;
}

static int
webhook_start(void *arg, struct teller_words *words)
{
	struct webhook *self = arg;
	struct signature_key key;

	if (read_key(self, &key) < 0) {
		snprintf(words->text, sizeof words->text,
			 "secret must be 24 to 64 bytes in base64; "
			 "`openssl rand -base64 32` makes some");
		return -1;
	}
	signature_wipe(&key);
	self->services->health(self->host, TELLER_OK, "");
	return 0;
}

/* ---- Posting */

static void
post_free(struct post *post)
{
	*post->link = post->next;
	if (post->next)
		post->next->link = post->link;
	free(post);
}

static void
end_if_done(struct webhook *self)
{
	if (self->is_stopping && !self->posts)
		self->services->stopped(self->host);
}

static bool
is_named(const struct teller_header *header, const char *name)
{
	size_t i = 0;

	for (; header->name[i] && name[i]; i++) {
		char c = header->name[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c != name[i])
			return false;
	}
	return header->name[i] == name[i];
}

/* When the other side wants to be asked again, if it says so in seconds; 0: it
 * does not. */
static int64_t
not_before_us(struct webhook *self, const struct teller_fetched *fetched)
{
	for (size_t i = 0; i < fetched->n_headers; i++) {
		const struct teller_header *header = &fetched->headers[i];
		char *end;
		if (!is_named(header, "retry-after"))
			continue;
		long seconds = strtol(header->value, &end, 10);
		if (*end || seconds < 0)
			return 0;
		if (seconds > RETRY_AFTER_MAX_S)
			seconds = RETRY_AFTER_MAX_S;
		return self->services->now_us(self->host) +
		       (int64_t)seconds * US_PER_S;
	}
	return 0;
}

/* What a status means for the case.  Only that its body is no good says
 * something of it: a secret or an address that is wrong is set right by the
 * operator. */
static enum teller_failure
failure_of(const struct teller_fetched *fetched)
{
	int status = fetched->status;

	if (status == 410)
		return TELLER_GONE;
	if (status == 400 || status == 413 || status == 422)
		return TELLER_REJECTED;
	return fetched->maybe_sent ? TELLER_UNKNOWN : TELLER_RETRY;
}

static void
fail(struct post *post, const struct teller_fetched *fetched)
{
	struct webhook *self = post->self;
	const struct teller_services *s = self->services;
	char words[TELLER_KEY_MAX];

	if (fetched->status)
		snprintf(words, sizeof words, "the other side answered %d",
			 fetched->status);
	else
		snprintf(words, sizeof words, "%s", fetched->words);
	s->failed(self->host, post->job, failure_of(fetched),
		  not_before_us(self, fetched), words);
	s->health(self->host, TELLER_DEGRADED, words);
	s->metric(self->host, "failures", 1);
}

static void
on_fetched(void *arg, const struct teller_fetched *fetched)
{
	struct post *post = arg;
	struct webhook *self = post->self;
	const struct teller_services *s = self->services;

	if (fetched->status >= 200 && fetched->status < 300) {
		s->sent(self->host, post->job, NULL);
		s->health(self->host, TELLER_OK, "");
		s->metric(self->host, "cases", 1);
	} else {
		fail(post, fetched);
	}
	post_free(post);
	end_if_done(self);
}

/* 0: on_fetched() answers the job. */
static int
post_case(struct webhook *self, const struct teller_job *job,
	  const struct teller_header *headers, size_t n_headers)
{
	const struct teller_services *s = self->services;
	const struct teller_fetch request = {
		.size = sizeof request,
		.url = self->url,
		.headers = headers,
		.n_headers = n_headers,
		.body = job->text,
		.body_len = strlen(job->text),
		.ca_file = *self->ca_file ? self->ca_file : NULL,
		.timeout_ms = s->option_int(self->host, "timeout"),
		.allow_private = s->option_bool(self->host, "allow_private"),
	};
	struct post *post = calloc(1, sizeof *post);

	if (!post)
		return -1;
	post->self = self;
	snprintf(post->job, sizeof post->job, "%s", job->id);
	post->next = self->posts;
	post->link = &self->posts;
	if (post->next)
		post->next->link = &post->next;
	self->posts = post;
	if (s->fetch(self->host, &request, on_fetched, post) == 0)
		return 0;
	post_free(post);
	return -1;
}

static int
sign_and_post(struct webhook *self, const struct teller_job *job)
{
	struct signature_key key;
	char id[ID_SIZE], at[32], signature[SIGNATURE_SIZE];
	const struct teller_header headers[] = {
		{"Content-Type", "application/json"},
		{"webhook-id", id},
		{"webhook-timestamp", at},
		{"webhook-signature", signature},
	};

	if (read_key(self, &key) < 0)
		return -1;
	/* A store that was restored counts its ids again from an earlier one:
	 * with the time no two cases have the same. */
	snprintf(id, sizeof id, "%.64s-%lld", job->key,
		 (long long)job->created_at_us);
	snprintf(at, sizeof at, "%lld",
		 (long long)(self->services->now_us(self->host) / US_PER_S));
	int rc = signature_make(&key, id, at, job->text, signature);
	signature_wipe(&key);
	if (rc < 0)
		return -1;
	return post_case(self, job, headers, 4);
}

static void
webhook_send(void *arg, const struct teller_job *job)
{
	struct webhook *self = arg;
	const struct teller_services *s = self->services;

	if (job->kind != TELLER_JOB_CASE)
		s->failed(self->host, job->id, TELLER_REJECTED, 0,
			  "this plugin only takes cases");
	else if (sign_and_post(self, job) < 0)
		s->failed(self->host, job->id, TELLER_RETRY, 0,
			  "it cannot be posted now");
}

/* ---- Ending */

static void
webhook_stop(void *arg)
{
	struct webhook *self = arg;

	self->is_stopping = true;
	end_if_done(self);
}

/* What is still under way is given up by the host, and given to us again at the
 * next start. */
static void
webhook_close(void *arg)
{
	struct webhook *self = arg;

	while (self->posts)
		post_free(self->posts);
	free(self);
}

const struct teller_plugin teller_plugin = {
	.size = sizeof teller_plugin,
	.abi_major = TELLER_ABI_MAJOR,
	.abi_minor = TELLER_ABI_MINOR,
	/* By its id a case that comes twice is known. */
	.capabilities = TELLER_CAN_CASES | TELLER_CAN_DEDUPE,
	.name = "webhook",
	.version = "1",
	.options = options,
	.open = webhook_open,
	.start = webhook_start,
	.send = webhook_send,
	.stop = webhook_stop,
	.close = webhook_close,
};

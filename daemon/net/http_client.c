/* libcurl's multi interface on the loop.  Loop thread, but run_mail().
 *
 * libcurl says which sockets it waits for and how long; we say when they are
 * ready or the time is over, then ask what has ended.  Call-backs of users run
 * there alone, when libcurl is not at work, so they may fetch and cancel.
 *
 * SMTP cannot be done so: libcurl waits for the last reply to a mail, and for
 * that to QUIT, without going back to its caller (7.88).  A mail has a thread
 * of a small pool for as long as it takes. */
#include "net/http_client.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/queue.h"
#include "net/http_easy.h"
#include "net/loop.h"

#define MAX_TRANSFERS 512
#define MAIL_THREADS 4
#define MAX_CONNECTIONS 128L
#define MAX_IDLE_CONNECTIONS 32L

struct http_transfer {
	struct job job; /* of a mail: to its thread and back */
	struct loop *loop;
	CURLcode code;
	struct http_client *client; /* NULL: a mail that was cancelled */
	struct http_transfer *next, **link;
	struct http_easy easy;
	teller_fetched_fn *done;
	void *arg;
};

struct http_client {
	struct loop *loop;
	CURLM *multi;
	struct timer *timer;
	struct pool *mail_pool; /* NULL: no mail yet */
	struct http_transfer *transfers;
	size_t n_transfers;
	bool is_calling; /* a user's call-back */
};

/* A socket that libcurl waits for. */
struct socket_watch {
	struct http_client *client;
	struct watch *watch;
	curl_socket_t fd;
};

static void
leave_client(struct http_transfer *transfer)
{
	struct http_client *client = transfer->client;

	*transfer->link = transfer->next;
	if (transfer->next)
		transfer->next->link = transfer->link;
	client->n_transfers--;
	if (transfer->easy.curl && !transfer->easy.is_mail)
		curl_multi_remove_handle(client->multi, transfer->easy.curl);
	transfer->client = NULL;
}

static void
transfer_free(struct http_transfer *transfer)
{
	if (transfer->client)
		leave_client(transfer);
	http_easy_release(&transfer->easy);
	free(transfer);
}

/* A mail is freed when its thread has let go of it. */
static void
cancel(struct http_transfer *transfer)
{
	if (transfer->easy.is_mail) {
		atomic_store(&transfer->easy.is_cancelled, true);
		leave_client(transfer);
	} else {
		transfer_free(transfer);
	}
}

static void
end_transfer(struct http_transfer *transfer, CURLcode code)
{
	struct http_client *client = transfer->client;
	struct teller_fetched fetched;

	teller_fetched_fn *done = transfer->done;

	http_easy_result(&transfer->easy, code, &fetched);
	/* It is no longer to be cancelled. */
	transfer->done = NULL;
	client->is_calling = true;
	done(transfer->arg, &fetched);
	client->is_calling = false;
	transfer_free(transfer);
}

static void
end_what_is_done(struct http_client *client)
{
	struct CURLMsg *message;
	int n_left;

	while ((message = curl_multi_info_read(client->multi, &n_left))) {
		char *private = NULL;
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
				  &private);
		end_transfer((struct http_transfer *)private,
			     message->data.result);
	}
}

static void
end_mail(struct job *job)
{
	struct http_transfer *transfer =
		container_of(job, struct http_transfer, job);

	if (transfer->client)
		end_transfer(transfer, transfer->code);
	else
		transfer_free(transfer);
}

/* On a thread of the pool, which has the transfer until it is posted. */
static void
run_mail(struct job *job)
{
	struct http_transfer *transfer =
		container_of(job, struct http_transfer, job);

	transfer->code = http_easy_perform(&transfer->easy);
	job->run = end_mail;
	loop_post(transfer->loop, job);
}

static int
start_mail(struct http_client *client, struct http_transfer *transfer,
	   struct err *err)
{
	if (!client->mail_pool)
		client->mail_pool = pool_new("mail", MAIL_THREADS, 0);
	if (!client->mail_pool)
		return err_set(err, "there is no thread for the mail");
	transfer->job.run = run_mail;
	pool_push(client->mail_pool, &transfer->job);
	return 0;
}

static int
start_http(struct http_client *client, struct http_transfer *transfer,
	   struct err *err)
{
	CURL *curl = transfer->easy.curl;

	curl_easy_setopt(curl, CURLOPT_PRIVATE, transfer);
	if (curl_multi_add_handle(client->multi, curl))
		return err_set(err, "cannot begin the transfer");
	return 0;
}

static void
act(struct http_client *client, curl_socket_t fd, int events)
{
	int n_running;

	curl_multi_socket_action(client->multi, fd, events, &n_running);
	end_what_is_done(client);
}

static void
on_socket(void *arg, int events)
{
	struct socket_watch *socket = arg;

	/* The watch may be gone when this returns. */
	act(socket->client, socket->fd,
	    (events & WATCH_READ ? CURL_CSELECT_IN : 0) |
		    (events & WATCH_WRITE ? CURL_CSELECT_OUT : 0));
}

static void
on_timer(void *arg)
{
	act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static void
socket_watch_free(struct socket_watch *socket)
{
	if (!socket)
		return;
	watch_free(socket->watch);
	free(socket);
}

/* libcurl: watch fd for what; socketp is what we assigned to fd. */
static int
set_socket(CURL *curl, curl_socket_t fd, int what, void *arg, void *socketp)
{
	struct http_client *client = arg;
	struct socket_watch *socket = socketp;
	int events = (what & CURL_POLL_IN ? WATCH_READ : 0) |
		     (what & CURL_POLL_OUT ? WATCH_WRITE : 0);

	(void)curl;
	if (what == CURL_POLL_REMOVE) {
		socket_watch_free(socket);
		return 0;
	}
	if (!socket) {
		socket = mem_new(sizeof *socket);
		socket->client = client;
		socket->fd = fd;
		curl_multi_assign(client->multi, fd, socket);
	}
	watch_free(socket->watch);
	/* Without a watch the transfer runs into its timeout. */
	socket->watch =
		watch_new(client->loop, fd, events, on_socket, socket, NULL);
	return 0;
}

static int
set_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct http_client *client = arg;

	(void)multi;
	if (timeout_ms < 0)
		timer_clear(client->timer);
	else
		timer_set(client->timer, timeout_ms);
	return 0;
}

struct http_client *
http_client_new(struct loop *loop, struct err *err)
{
	static bool is_initialised;
	struct http_client *client = mem_new(sizeof *client);

	if (!is_initialised && curl_global_init(CURL_GLOBAL_DEFAULT)) {
		err_set(err, "libcurl cannot be used: it does not start");
		free(client);
		return NULL;
	}
	is_initialised = true;
	client->loop = loop;
	client->timer = timer_new(loop, on_timer, client);
	client->multi = curl_multi_init();
	if (!client->multi)
		mem_exhausted();
	curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
	curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
	curl_multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
			  MAX_CONNECTIONS);
	curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS,
			  MAX_IDLE_CONNECTIONS);
	return client;
}

void
http_client_free(struct http_client *client)
{
	if (!client)
		return;
	assert(!client->is_calling);
	while (client->transfers)
		cancel(client->transfers);
	/* They look at being cancelled every second at least. */
	pool_free(client->mail_pool);
	/* Closes what is kept open, by set_socket(). */
	curl_multi_cleanup(client->multi);
	timer_free(client->timer);
	free(client);
}

struct http_transfer *
http_client_fetch(struct http_client *client, const struct teller_fetch *fetch,
		  teller_fetched_fn *done, void *arg, struct err *err)
{
	if (client->n_transfers == MAX_TRANSFERS) {
		err_set(err,
			"there are %d transfers under way; try again later",
			MAX_TRANSFERS);
		return NULL;
	}
	struct http_transfer *transfer = mem_new(sizeof *transfer);
	transfer->client = client;
	transfer->loop = client->loop;
	transfer->done = done;
	transfer->arg = arg;
	transfer->next = client->transfers;
	transfer->link = &client->transfers;
	if (transfer->next)
		transfer->next->link = &transfer->next;
	client->transfers = transfer;
	client->n_transfers++;
	if (http_easy_init(&transfer->easy, fetch, err) < 0 ||
	    (transfer->easy.is_mail ? start_mail : start_http)(client, transfer,
							       err) < 0) {
		transfer_free(transfer);
		return NULL;
	}
	return transfer;
}

void
http_transfer_cancel(struct http_transfer *transfer)
{
	if (transfer && transfer->done)
		cancel(transfer);
}

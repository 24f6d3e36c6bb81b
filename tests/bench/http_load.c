/* A load of HTTP/1.1 requests on kept connections, for the benchmarks.
 *
 *	http_load PORT CLIENTS SECONDS < requests
 *
 * stdin holds whole requests, each preceded by a line with its length in bytes;
 * client i begins with the i-th and goes round.  "@@" and ten digits' place
 * ("@@0000000000") in a request becomes a number that no other has.  Prints one
 * JSON object: requests, errors (answers that are not 2xx, connections that
 * broke), seconds, rate, p50_ms, p90_ms, p99_ms, max_ms. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REQUESTS_MAX 100000
#define SAMPLES_MAX 20000000
#define ANSWER_MAX (256 * 1024)
#define PLACE "@@0000000000"

struct request {
	char *text;
	size_t len;
	char *place; /* of the number, in text; NULL: none */
};

struct client {
	int fd;
	size_t next; /* request */
	char *out;   /* what is being sent */
	size_t out_len, out_at;
	char *in;
	size_t in_len;
	double began;
};

static struct request requests[REQUESTS_MAX];
static size_t n_requests;
static float *samples;
static size_t n_samples, n_errors;
static uint64_t counter;
static int port;

static double
now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
die(const char *words)
{
	fprintf(stderr, "http_load: %s: %s\n", words, strerror(errno));
	exit(1);
}

static void
read_requests(void)
{
	char line[64];
	while (n_requests < REQUESTS_MAX && fgets(line, sizeof(line), stdin)) {
		struct request *request = &requests[n_requests++];
		request->len = strtoul(line, NULL, 10);
		request->text = calloc(request->len + 1, 1);
		if (!request->text || fread(request->text, 1, request->len,
					    stdin) != request->len)
			die("stdin");
		request->place = strstr(request->text, PLACE);
	}
	if (!n_requests)
		die("no requests on stdin");
}

static void
connect_client(struct client *client)
{
	int one = 1;
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	client->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (client->fd < 0 ||
	    connect(client->fd, (struct sockaddr *)&address, sizeof(address)))
		die("connect");
	setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	fcntl(client->fd, F_SETFL, O_NONBLOCK);
}

static void
begin_request(struct client *client)
{
	struct request *request = &requests[client->next++ % n_requests];
	if (request->place) {
		char digits[sizeof(PLACE)];
		snprintf(digits, sizeof(digits), "%012llu",
			 (unsigned long long)counter++ % 1000000000000ULL);
		memcpy(request->place, digits, sizeof(PLACE) - 1);
	}
	free(client->out);
	client->out = malloc(request->len);
	if (!client->out)
		die("memory");
	memcpy(client->out, request->text, request->len);
	client->out_len = request->len;
	client->out_at = 0;
	client->in_len = 0;
	client->began = now();
}

static void
send_more(struct client *client)
{
	while (client->out_at < client->out_len) {
		ssize_t n =
			send(client->fd, client->out + client->out_at,
			     client->out_len - client->out_at, MSG_NOSIGNAL);
		if (n < 0)
			return;
		client->out_at += (size_t)n;
	}
}

/* Bytes of the whole answer, 0 while it is not known. */
static size_t
answer_length(const struct client *client)
{
	const char *end = strstr(client->in, "\r\n\r\n");
	const char *field = strcasestr(client->in, "\r\ncontent-length:");
	if (!end || !field || field > end)
		return 0;
	return (size_t)(end + 4 - client->in) +
	       strtoul(field + strlen("\r\ncontent-length:"), NULL, 10);
}

static void
finish_answer(struct client *client)
{
	bool is_good = strncmp(client->in, "HTTP/1.1 2", 10) == 0;
	n_errors += !is_good;
	if (n_samples < SAMPLES_MAX)
		samples[n_samples++] = (float)((now() - client->began) * 1000);
	begin_request(client);
	send_more(client);
}

static void
receive(struct client *client)
{
	ssize_t n = recv(client->fd, client->in + client->in_len,
			 ANSWER_MAX - client->in_len - 1, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		die("the connection broke");
	client->in_len += (size_t)n;
	client->in[client->in_len] = '\0';
	size_t len = answer_length(client);
	if (len && client->in_len >= len)
		finish_answer(client);
}

static int
compare(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

static double
part(double of)
{
	return n_samples
		       ? (double)samples[(size_t)((double)(n_samples - 1) * of)]
		       : 0;
}

static void
run(struct client *clients, size_t n, double seconds)
{
	int epoll = epoll_create1(0);
	for (size_t i = 0; i < n; i++) {
		struct epoll_event event = {.events = EPOLLIN,
					    .data.ptr = &clients[i]};
		clients[i].next = i;
		clients[i].in = malloc(ANSWER_MAX);
		if (!clients[i].in)
			die("memory");
		connect_client(&clients[i]);
		epoll_ctl(epoll, EPOLL_CTL_ADD, clients[i].fd, &event);
		begin_request(&clients[i]);
		send_more(&clients[i]);
	}
	double end = now() + seconds;
	while (now() < end) {
		struct epoll_event events[64];
		int ready = epoll_wait(epoll, events, 64, 100);
		for (int i = 0; i < ready; i++) {
			struct client *client = events[i].data.ptr;
			send_more(client);
			receive(client);
		}
	}
}

int
main(int argc, char *argv[])
{
	if (argc != 4) {
		fprintf(stderr, "http_load PORT CLIENTS SECONDS\n");
		return 2;
	}
	port = (int)strtol(argv[1], NULL, 10);
	size_t n = strtoul(argv[2], NULL, 10);
	double seconds = strtod(argv[3], NULL);
	counter = (uint64_t)getpid() * 1000000;
	read_requests();
	struct client *clients = calloc(n, sizeof(*clients));
	samples = malloc(SAMPLES_MAX * sizeof(*samples));
	if (!clients || !samples)
		die("memory");
	run(clients, n, seconds);
	qsort(samples, n_samples, sizeof(*samples), compare);
	printf("{\"requests\":%zu,\"errors\":%zu,\"seconds\":%.2f,"
	       "\"rate\":%.1f,\"p50_ms\":%.3f,\"p90_ms\":%.3f,"
	       "\"p99_ms\":%.3f,\"max_ms\":%.3f}\n",
	       n_samples, n_errors, seconds, (double)n_samples / seconds,
	       part(0.5), part(0.9), part(0.99), part(1));
	return 0;
}

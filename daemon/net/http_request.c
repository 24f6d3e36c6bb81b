/* Requests: what a route's function may ask of one.  Loop thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "base/metric.h"
#include "base/time.h"
#include "net/http_inside.h"

struct http_request *
http_request_new(struct http_conn *conn)
{
	struct http_request *request = mem_new(sizeof *request);

	request->conn = conn;
	request->method = "";
	request->minor = 1;
	request->began_us = time_mono_us();
	return request;
}

/* May an id from outside stand in logs and answers as it is? */
static bool
is_good_id(const char *id)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-._";
	size_t len = strspn(id, allowed);

	return len >= 1 && len <= 64 && !id[len];
}

static void
set_id(struct http_request *request)
{
	struct http_server *server = request->conn->server;
	size_t i = 0;
	const char *given = request->head ? http_head_next(request->head,
							   "X-Request-Id", &i)
					  : NULL;

	if (given && is_good_id(given))
		memcpy(request->id, given, strlen(given) + 1);
	else
		snprintf(request->id, sizeof request->id, "req_%s%06llx",
			 server->id_prefix,
			 (unsigned long long)++server->n_ids);
}

void
http_request_set_head(struct http_request *request, struct http_head *head)
{
	request->head = head;
	request->method = head->method;
	request->minor = head->minor;
	request->is_head = strcmp(head->method, "HEAD") == 0;
	request->is_active = true;
	request->conn->server->n_active++;
	http_request_set_client(request);
}

static void
copy_params(struct http_request *request, const struct http_match *match)
{
	size_t size = 0;

	for (size_t i = 0; i < match->n_params; i++)
		size += match->params[i].len + 1;
	if (size == 0)
		return;
	char *p = request->params_text = mem_new(size);
	for (size_t i = 0; i < match->n_params; i++) {
		request->params[i] = p;
		p = mempcpy(p, match->params[i].at, match->params[i].len) + 1;
	}
}

void
http_request_set_route(struct http_request *request, struct http_route *route,
		       const struct http_match *match)
{
	request->route = route;
	request->next = route->open;
	request->link = &route->open;
	if (request->next)
		request->next->link = &request->next;
	route->open = request;
	copy_params(request, match);
}

void
http_request_leave_route(struct http_request *request)
{
	if (!request->link)
		return;
	*request->link = request->next;
	if (request->next)
		request->next->link = request->link;
	request->link = NULL;
	request->route = NULL;
	free(request->params_text);
	request->params_text = NULL;
}

void
http_request_strip(struct http_request *request)
{
	while (request->joined) {
		struct http_joined *joined = request->joined;
		request->joined = joined->next;
		free(joined);
	}
	free(request->params_text);
	request->params_text = NULL;
	free(request->head);
	request->head = NULL;
	buf_release(&request->body_text);
}

void
http_request_free(struct http_request *request)
{
	struct http_conn *conn = request->conn;

	http_site_leave(request);
	http_request_leave_route(request);
	http_request_strip(request);
	if (request->is_active)
		conn->server->n_active--;
	if (request->is_stream) {
		http_peer_leave(&conn->server->readers, request->reader);
		conn->server->n_streams--;
		metric_add(conn->server->streams_gauge, -1);
	}
	free(request);
}

void
http_request_tell_gone(struct http_request *request)
{
	void (*gone)(void *) = request->gone;

	http_request_leave_route(request);
	request->gone = NULL;
	if (gone)
		gone(request->gone_arg);
}

const char *
http_method(const struct http_request *request)
{
	return request->method;
}

const char *
http_path(const struct http_request *request)
{
	return request->head ? request->head->path : "";
}

const char *
http_param(const struct http_request *request, const char *name)
{
	const struct http_route *route = request->route;

	for (size_t i = 0; route && i < route->n_params; i++) {
		if (strcmp(route->param_names[i], name) == 0)
			return request->params[i];
	}
	return NULL;
}

const char *
http_query(const struct http_request *request, const char *name)
{
	const struct http_head *head = request->head;

	for (size_t i = 0; head && i < head->n_query; i++) {
		if (strcmp(head->query[i].name, name) == 0)
			return head->query[i].value;
	}
	return NULL;
}

/* All fields of the first one's name, joined; kept with the request. */
static const char *
join_fields(struct http_request *request, const char *name)
{
	const char *value;
	size_t size = 0;

	for (struct http_joined *j = request->joined; j; j = j->next) {
		if (strcasecmp(j->name, name) == 0)
			return j->value;
	}
	for (size_t i = 0; (value = http_head_next(request->head, name, &i));)
		size += strlen(value) + 2;
	struct http_joined *joined = mem_new(sizeof *joined + size + 1);
	char *p = joined->value;
	for (size_t i = 0; (value = http_head_next(request->head, name, &i));) {
		if (joined->name)
			p = stpcpy(p, ", ");
		joined->name = request->head->fields[i - 1].name;
		p = stpcpy(p, value);
	}
	joined->next = request->joined;
	request->joined = joined;
	return joined->value;
}

const char *
http_header(const struct http_request *request, const char *name)
{
	size_t i = 0;

	if (!request->head)
		return NULL;
	const char *value = http_head_next(request->head, name, &i);
	if (!value || !http_head_next(request->head, name, &i))
		return value;
	/* Only what is remembered of the request changes. */
	return join_fields((struct http_request *)request, name);
}

const char *
http_bearer(const struct http_request *request)
{
	static const char scheme[] = "Bearer ";
	const char *value = http_header(request, "Authorization");

	if (!value || strncasecmp(value, scheme, strlen(scheme)) != 0)
		return NULL;
	value += strlen(scheme);
	return value + strspn(value, " ");
}

const void *
http_body(const struct http_request *request, size_t *len_r)
{
	*len_r = request->body_text.len;
	return buf_str(&request->body_text);
}

/* Does a proxy write it? */
static bool
is_forwarding(const char *name)
{
	static const char prefix[] = "X-Forwarded-";

	return strncasecmp(name, prefix, strlen(prefix)) == 0 ||
	       strcasecmp(name, "Forwarded") == 0 ||
	       strcasecmp(name, "X-Real-IP") == 0 ||
	       strcasecmp(name, "Via") == 0;
}

bool
http_is_loopback(const struct http_request *request)
{
	const struct http_conn *conn = request->conn;

	if (!conn->is_loopback || !request->head)
		return false;
	/* A name may be a site's that made a browser here believe that it is
	 * at our address; or a proxy's that says nothing else of itself. */
	if (request->head->host && !conn->is_unix &&
	    !http_conn_is_at(conn, request->head->host))
		return false;
	for (size_t i = 0; i < request->head->n_fields; i++) {
		if (is_forwarding(request->head->fields[i].name))
			return false;
	}
	return true;
}

bool
http_peer_user(const struct http_request *request, long *uid_r, long *gid_r,
	       long *pid_r)
{
	struct ucred user;
	socklen_t size = sizeof user;

	if (!request->conn->is_unix ||
	    getsockopt(request->conn->fd, SOL_SOCKET, SO_PEERCRED, &user,
		       &size) < 0)
		return false;
	*uid_r = user.uid;
	*gid_r = user.gid;
	*pid_r = user.pid;
	return true;
}

const char *
http_request_id(const struct http_request *request)
{
	/* Made when it is first asked for: here, or by the answer. */
	if (!request->id[0])
		set_id((struct http_request *)request);
	return request->id;
}

void
http_on_gone(struct http_request *request, void (*gone)(void *arg), void *arg)
{
	request->gone = gone;
	request->gone_arg = arg;
}

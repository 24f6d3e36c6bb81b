#include "net/unix_post.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"

#define RESULT_FIELD "tellerd-result:"

struct transfer {
	struct unix_post *post;
	CURL *curl;
	size_t at;	 /* in the body that is sent */
	bool has_head;	 /* the answer's head came to its end */
	bool has_failed; /* the sink gave up, or a buffer is full */
};

static size_t
send_body(char *out, size_t size, size_t n, void *arg)
{
	struct transfer *transfer = arg;
	const struct unix_post *post = transfer->post;
	size_t part = transfer->at < post->lens[0] ? 0 : 1;
	size_t at = transfer->at - (part ? post->lens[0] : 0);
	size_t left = post->lens[part] - at;
	size_t len = left < size * n ? left : size * n;
	if (len)
		memcpy(out, (const char *)post->parts[part] + at, len);
	transfer->at += len;
	return len;
}

static bool
is_octets(const struct transfer *transfer)
{
	char *type = NULL;
	curl_easy_getinfo(transfer->curl, CURLINFO_CONTENT_TYPE, &type);
	return type && strcmp(type, "application/octet-stream") == 0;
}

static size_t
take_body(char *data, size_t size, size_t n, void *arg)
{
	struct transfer *transfer = arg;
	struct unix_post *post = transfer->post;
	int rc = is_octets(transfer) && post->sink
			 ? post->sink(post->arg, data, size * n)
			 : buf_add(post->body, data, size * n);
	transfer->has_failed |= rc != 0;
	return rc ? 0 : size * n;
}

static size_t
take_field(char *line, size_t size, size_t n, void *arg)
{
	struct transfer *transfer = arg;
	size_t len = size * n, prefix = strlen(RESULT_FIELD);
	transfer->has_head = len == 2 && memcmp(line, "\r\n", 2) == 0;
	if (len > prefix && strncasecmp(line, RESULT_FIELD, prefix) == 0) {
		buf_clear(transfer->post->result);
		buf_add(transfer->post->result, line + prefix, len - prefix);
	}
	return len;
}

static CURLcode
perform(struct transfer *transfer, struct curl_slist *fields, char *words)
{
	struct unix_post *post = transfer->post;
	CURL *curl = transfer->curl;
	char url[256];
	snprintf(url, sizeof(url), "http://localhost%s", post->path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, post->socket);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_POST, 1L);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
			 (curl_off_t)(post->lens[0] + post->lens[1]));
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, send_body);
	curl_easy_setopt(curl, CURLOPT_READDATA, transfer);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_field);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words);
	CURLcode rc = curl_easy_perform(curl);
	long status = 0;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	post->status = (int)status;
	long error = 0;
	curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &error);
	post->is_refused = rc == CURLE_COULDNT_CONNECT;
	post->is_denied = post->is_refused && error == EACCES;
	return rc;
}

/* Where the connection ends within the head, or where no length is told,
 * libcurl takes the end for the end of the answer. */
static bool
is_whole(const struct transfer *transfer)
{
	curl_off_t len = -1;
	curl_easy_getinfo(transfer->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T,
			  &len);
	return transfer->has_head && len >= 0;
}

int
unix_post(struct unix_post *post, struct err *err)
{
	char words[CURL_ERROR_SIZE] = "";
	struct transfer transfer = {.post = post, .curl = curl_easy_init()};
	/* No Expect: the answer to a large file that is refused is short. */
	struct curl_slist *fields = curl_slist_append(NULL, "Expect:");
	if (!transfer.curl || !fields) {
		curl_slist_free_all(fields);
		curl_easy_cleanup(transfer.curl);
		return err_set(err, "there is no memory");
	}
	CURLcode rc = perform(&transfer, fields, words);
	bool is_cut = !rc && !is_whole(&transfer);
	curl_slist_free_all(fields);
	curl_easy_cleanup(transfer.curl);
	if (is_cut)
		return err_set(err, "%s: the answer broke off", post->socket);
	if (!rc)
		return 0;
	if (transfer.has_failed)
		return err_set(err, "the answer could not be kept whole");
	return err_set(err, "%s: %s", post->socket,
		       *words ? words : curl_easy_strerror(rc));
}

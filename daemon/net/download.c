/* Any thread but the loop's, which it would keep. */
#include "net/download.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/mem.h"

#define REDIRECTS_MAX 5L
#define CONNECT_S 30L
#define SILENCE_S 60L
#define ATTEMPTS_MAX 100

struct transfer {
	struct download *download;
	CURL *curl;
	char part[PATH_MAX];
	char words[CURL_ERROR_SIZE];
	int fd;
	int64_t have;  /* bytes of the part that are there */
	bool is_begun; /* the answer's first bytes have come */
	bool is_other; /* what comes is not the file that is known */
	int error;     /* errno of a write */
};

static int
check_sum(const struct download *download, int fd, const char *path,
	  struct err *err)
{
	char sum[SHA256_HEX_SIZE];

	if (crypto_sha256_file_hex(fd, sum))
		return err_errno(err, "%s", path);
	if (strcmp(sum, download->sha256) == 0)
		return 0;
	return err_set(err, "%s has the SHA-256 %s, not %s", path, sum,
		       download->sha256);
}

/* ---- One transfer */

static int
write_whole(struct transfer *transfer, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = pwrite(transfer->fd, data, len, transfer->have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			transfer->error = errno;
			return -1;
		}
		data += n;
		len -= (size_t)n;
		transfer->have += n;
	}
	return 0;
}

/* The answer's first bytes: whether they go on where the part ends. */
static int
begin(struct transfer *transfer, long status)
{
	transfer->is_begun = true;
	if (status == 206)
		return 0;
	transfer->have = 0;
	return ftruncate(transfer->fd, 0);
}

static size_t
take(char *data, size_t size, size_t n, void *arg)
{
	struct transfer *transfer = arg;
	struct download *download = transfer->download;
	size_t len = size * n;
	long status = 0;

	curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200 && status != 206)
		return len; /* a page about an error */
	if (!transfer->is_begun && begin(transfer, status))
		return 0;
	if ((int64_t)len > download->size - transfer->have) {
		transfer->is_other = true;
		return 0;
	}
	if (write_whole(transfer, data, len))
		return 0;
	if (download->on_bytes)
		download->on_bytes(download->arg, transfer->have);
	return len;
}

/* Only an option that this libcurl does not know, or memory, can fail. */
static void
set(CURL *curl, CURLoption option, long value)
{
	if (curl_easy_setopt(curl, option, value))
		mem_exhausted();
}

static void
set_up(struct transfer *transfer)
{
	const struct download *download = transfer->download;
	CURL *curl = transfer->curl;
	char range[32];

	/* From a place with TLS to none without it. */
	const char *protocols = strncmp(download->url, "https:", 6) == 0
					? "https"
					: "http,https";

	snprintf(range, sizeof range, "%lld-", (long long)transfer->have);
	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_URL, download->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols);
	curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, protocols);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "tellerd/" PACKAGE_VERSION);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->words);
	if (transfer->have > 0)
		curl_easy_setopt(curl, CURLOPT_RANGE, range);
	set(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	set(curl, CURLOPT_FOLLOWLOCATION, 1);
	set(curl, CURLOPT_MAXREDIRS, REDIRECTS_MAX);
	set(curl, CURLOPT_NOSIGNAL, 1);
	set(curl, CURLOPT_HTTP09_ALLOWED, 0);
	set(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	set(curl, CURLOPT_LOW_SPEED_LIMIT, 1);
	set(curl, CURLOPT_LOW_SPEED_TIME, SILENCE_S);
}

static int
explain(const struct transfer *transfer, CURLcode code, long status,
	struct err *err)
{
	const struct download *download = transfer->download;

	if (transfer->error) {
		errno = transfer->error;
		return err_errno(err, "%s", transfer->part);
	}
	if (code)
		return err_set(err, "%s: %s", download->url,
			       *transfer->words ? transfer->words
						: curl_easy_strerror(code));
	return err_set(err, "%s: the server answers %ld", download->url,
		       status);
}

/* What came is of another length: nothing of it is of use. */
static int
drop_other(const struct transfer *transfer, struct err *err)
{
	unlink(transfer->part);
	return err_set(err,
		       "%s: this is another file, not the one of %lld bytes "
		       "that is known",
		       transfer->download->url,
		       (long long)transfer->download->size);
}

/* 1: go on with what is left; 0: all is there; -1. */
static int
attempt(struct transfer *transfer, struct err *err)
{
	int64_t before = transfer->have;
	long status = 0;

	transfer->is_begun = false;
	set_up(transfer);
	CURLcode code = curl_easy_perform(transfer->curl);
	curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
	if (transfer->is_other)
		return drop_other(transfer, err);
	/* The part is no beginning of what the server has. */
	if (!code && status == 416 && before > 0) {
		transfer->have = 0;
		return ftruncate(transfer->fd, 0)
			       ? err_errno(err, "%s", transfer->part)
			       : 1;
	}
	bool is_good = !code && (status == 200 || status == 206);
	bool is_whole = transfer->have == transfer->download->size;
	if (is_good && is_whole)
		return 0;
	/* Without a length nobody knows whether that was the end of it. */
	curl_off_t length = -1;
	curl_easy_getinfo(transfer->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T,
			  &length);
	if (is_good && length >= 0)
		return drop_other(transfer, err);
	explain(transfer, code, status, err);
	return transfer->is_begun && transfer->have > before ? 1 : -1;
}

/* ---- The file */

static int
open_part(struct transfer *transfer, struct err *err)
{
	struct stat status;

	if (snprintf(transfer->part, sizeof transfer->part, "%s.part",
		     transfer->download->path) >= (int)sizeof transfer->part)
		return err_set(err, "%s: the path is too long",
			       transfer->download->path);
	transfer->fd = open(transfer->part,
			    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (transfer->fd < 0 || fstat(transfer->fd, &status))
		return err_errno(err, "%s", transfer->part);
	if (flock(transfer->fd, LOCK_EX | LOCK_NB))
		return err_set(err, "%s is being fetched by another process",
			       transfer->part);
	transfer->have = status.st_size;
	if (transfer->have > transfer->download->size) {
		transfer->have = 0;
		if (ftruncate(transfer->fd, 0))
			return err_errno(err, "%s", transfer->part);
	}
	return 0;
}

static int
keep(struct transfer *transfer, struct err *err)
{
	const struct download *download = transfer->download;

	if (check_sum(download, transfer->fd, download->url, err)) {
		unlink(transfer->part);
		return -1;
	}
	if (fsync(transfer->fd) || rename(transfer->part, download->path))
		return err_errno(err, "%s", download->path);
	return 0;
}

static int
fetch(struct transfer *transfer, struct err *err)
{
	int rc = transfer->have < transfer->download->size;

	for (int i = 0; rc > 0 && i < ATTEMPTS_MAX; i++)
		rc = attempt(transfer, err);
	if (rc == 0)
		return keep(transfer, err);
	if (transfer->have == 0) /* nothing to go on with */
		unlink(transfer->part);
	return -1;
}

/* Whether the file is there.  1, 0, or -1: another is. */
static int
look(const struct download *download, struct err *err)
{
	struct stat status;
	int fd = open(download->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return errno == ENOENT ? 0
				       : err_errno(err, "%s", download->path);
	int rc = fstat(fd, &status) ? err_errno(err, "%s", download->path) : 0;
	if (!rc &&
	    (!S_ISREG(status.st_mode) || status.st_size != download->size))
		rc = err_set(err, "%s is not of %lld bytes", download->path,
			     (long long)download->size);
	if (!rc)
		rc = check_sum(download, fd, download->path, err);
	close(fd);
	if (!rc)
		return 1;
	return err_prefix(err, "another file is in the place; move it away");
}

int
download_file(struct download *download, struct err *err)
{
	struct transfer transfer = {.download = download, .fd = -1};
	int rc = look(download, err);

	download->was_there = rc > 0;
	if (rc)
		return rc < 0 ? -1 : 0;
	rc = open_part(&transfer, err);
	transfer.curl = rc ? NULL : curl_easy_init();
	if (!rc && !transfer.curl)
		mem_exhausted();
	if (!rc)
		rc = fetch(&transfer, err);
	curl_easy_cleanup(transfer.curl);
	if (transfer.fd >= 0)
		close(transfer.fd);
	return rc;
}

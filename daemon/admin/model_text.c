#include "admin/model_text.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "admin/model_open.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "model/classes.h"

#define TEXT_MAX ((size_t)64 << 20)
#define READ_BYTES ((size_t)64 << 10)

static int
read_all(int fd, const char *path, struct buf *text, struct err *err)
{
	char block[READ_BYTES];
	ssize_t n;

	while ((n = read(fd, block, sizeof block)) > 0)
		if (buf_add(text, block, (size_t)n))
			return err_set(err, "%s has more than %zu bytes", path,
				       text->max);
	return n < 0 ? err_errno(err, "%s", path) : 0;
}

static int
read_file(const char *path, struct buf *text, struct err *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "%s", path);
	int rc = read_all(fd, path, text, err);
	if (!is_stdin)
		close(fd);
	return rc;
}

static int64_t
count_words(const char *text, size_t len)
{
	bool was_space = true;
	int64_t words = 0;
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		uint32_t c;
		n = utf8_decode(text + i, len - i, &c);
		bool is_space = class_of(c) == CLASS_SPACE;
		words += was_space && !is_space;
		was_space = is_space;
	}
	return words;
}

int
model_read_text(const struct opened *opened, const char *path,
		struct token_list *tokens, int64_t *words_r, struct err *err)
{
	struct buf text;

	buf_init(&text, TEXT_MAX);
	int rc = read_file(path, &text, err);
	if (!rc)
		rc = model_encode(opened, "the text", buf_str(&text), text.len,
				  tokens, err);
	if (!rc && words_r)
		*words_r = count_words(buf_str(&text), text.len);
	buf_release(&text);
	return rc;
}

#include "cli/screen.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"

static void
write_safe(const char *text, size_t len, FILE *out)
{
	size_t n;
	for (size_t i = 0; i < len; i += n) {
		uint32_t c;
		n = utf8_decode(text + i, len - i, &c);
		if (utf8_is_control(c) && c != '\n' && c != '\t')
			fprintf(out, "\\u%04x", (unsigned int)c);
		else
			fwrite(text + i, 1, n, out);
	}
}

/* How many columns a text has on a terminal at most. */
static size_t
width_of(const char *text, size_t len)
{
	size_t width = 0, n;
	for (size_t i = 0; i < len; i += n) {
		uint32_t c;
		n = utf8_decode(text + i, len - i, &c);
		width += c < 0x1100 ? 1 : 2;
	}
	return width;
}

/* A line, which goes on below its beginning where its next word has no room. */
static void
write_line(const char *line, size_t len, size_t columns, FILE *out)
{
	size_t indent = strspn(line, " ");
	size_t used = 0, at = 0;
	while (at < len) {
		size_t blanks = strspn(line + at, " ");
		size_t word = strcspn(line + at + blanks, " \n");
		size_t width = width_of(line + at + blanks, word);
		if (at && used + blanks + width > columns) {
			fprintf(out, "\n%*s", (int)indent, "");
			used = indent;
		} else {
			fprintf(out, "%*s", (int)blanks, "");
			used += blanks;
		}
		write_safe(line + at + blanks, word, out);
		used += width;
		at += blanks + word;
	}
}

/* Were that left to the terminal, it would part words. */
static void
write_lines(const char *text, size_t columns, FILE *out)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		write_line(text, len, columns, out);
		text += len;
		if (*text)
			fputc(*text++, out);
	}
}

/* 0: it is no terminal, or nobody knows. */
static size_t
columns_of(FILE *out)
{
	struct winsize window;
	return ioctl(fileno(out), TIOCGWINSZ, &window) == 0 ? window.ws_col : 0;
}

/* 0, or -1: not the whole of it. */
static int
print_json(const json_t *result, enum screen_form form, FILE *out)
{
	/* As many digits as tell all floats apart. */
	size_t flags = JSON_REAL_PRECISION(9);
	flags |= form == SCREEN_JSON ? JSON_INDENT(2) : JSON_COMPACT;
	int rc = json_dumpf(result, out, flags);
	fputc('\n', out);
	return rc;
}

int
screen_show(const json_t *result, enum screen_form form,
	    void (*print)(const json_t *, FILE *), FILE *out, struct err *err)
{
	char *text = NULL;
	size_t len = 0;
	int rc = 0;
	FILE *memory = open_memstream(&text, &len);
	if (!memory)
		mem_exhausted();
	bool is_words = form == SCREEN_WORDS || form == SCREEN_TALK;
	size_t columns = form == SCREEN_TALK ? columns_of(out) : 0;
	if (is_words)
		print(result, memory);
	else
		rc = print_json(result, form, memory);
	if (fclose(memory))
		mem_exhausted();
	if (rc) {
		free(text);
		return err_set(err, "the result cannot be written as JSON");
	}
	if (columns)
		write_lines(text, columns, out);
	else
		write_safe(text, len, out);
	free(text);
	if (fflush(out) || ferror(out))
		return err_errno(err, "standard output");
	return 0;
}

void
screen_fail(const char *words, int exit_code, bool is_json, FILE *out)
{
	/* Where both would go to stderr it is the document alone. */
	if (!is_json || out != stderr)
		fprintf(stderr, "tellerctl: %s\n", words);
	if (!is_json)
		return;
	json_t *document = json_object();
	json_set_text(document, "error", words);
	json_set_int(document, "exit", exit_code);
	screen_show(document, SCREEN_JSON, NULL, out, NULL);
	json_decref(document);
}

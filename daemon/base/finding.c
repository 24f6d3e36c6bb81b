/* A list belongs to one thread. */
#include "base/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"

#define TEXT_MAX 1000 /* bytes of the words of one */

static const char *const severity_names[FINDING_SEVERITIES] = {
	[FINDING_ERROR] = "error",
	[FINDING_WARNING] = "warning",
	[FINDING_NOTE] = "note",
};

static void
add(struct findings *findings, struct finding finding)
{
	if (findings->n == findings->room) {
		size_t room = findings->room ? 2 * findings->room : 64;
		void *grown = mem_array_grow(findings->list, room,
					     sizeof *findings->list);
		if (!grown)
			mem_exhausted();
		findings->list = grown;
		findings->room = room;
	}
	findings->counts[finding.severity]++;
	findings->list[findings->n++] = finding;
}

void
findings_add(struct findings *findings, enum finding_severity severity,
	     const char *rule, const char *file, int line, const char *fmt, ...)
{
	char words[TEXT_MAX + 4];
	va_list args;

	va_start(args, fmt);
	int n = vsnprintf(words, sizeof words, fmt, args);
	va_end(args);
	if (n > TEXT_MAX)
		words[utf8_cut(words, strlen(words), TEXT_MAX)] = '\0';
	add(findings, (struct finding){
			      .severity = severity,
			      .rule = rule,
			      .file = arena_strdup(&findings->arena, file),
			      .line = line,
			      .text = arena_strdup(&findings->arena, words),
		      });
}

/* The length of "file:line: " before the words, 0 if they have none. */
static size_t
place_of(const char *text, size_t *file_len_r, int *line_r)
{
	for (const char *at = strchr(text, ':'); at; at = strchr(at + 1, ':')) {
		char *end;
		long line = strtol(at + 1, &end, 10);
		if (end == at + 1 || strncmp(end, ": ", 2) != 0)
			continue;
		*file_len_r = (size_t)(at - text);
		*line_r = (int)line;
		return (size_t)(end + 2 - text);
	}
	return 0;
}

void
findings_add_err(struct findings *findings, const char *rule,
		 const struct err *err)
{
	size_t file_len = 0;
	int line = 0;
	size_t skip = place_of(err->text, &file_len, &line);

	add(findings,
	    (struct finding){
		    .severity = FINDING_ERROR,
		    .rule = rule,
		    .file = arena_strndup(&findings->arena, err->text,
					  file_len),
		    .line = line,
		    .text = arena_strdup(&findings->arena, err->text + skip),
	    });
}

static int
compare(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int order = strcmp(x->file, y->file);

	if (order == 0)
		order = (x->line > y->line) - (x->line < y->line);
	if (order == 0)
		order = (int)x->severity - (int)y->severity;
	return order ? order : strcmp(x->text, y->text);
}

void
findings_sort(struct findings *findings)
{
	if (findings->n > 0)
		qsort(findings->list, findings->n, sizeof *findings->list,
		      compare);
}

void
findings_release(struct findings *findings)
{
	free(findings->list);
	arena_release(&findings->arena);
	*findings = (struct findings){0};
}

static json_t *
row_of(const struct finding *finding)
{
	json_t *row = json_object();

	json_set_text(row, "severity", severity_names[finding->severity]);
	json_set_text(row, "rule", finding->rule);
	json_set_text(row, "file", finding->file);
	if (finding->line > 0)
		json_set_int(row, "line", finding->line);
	else
		json_object_set_new(row, "line", json_null());
	json_set_text(row, "text", finding->text);
	return row;
}

json_t *
findings_json(const struct findings *findings)
{
	json_t *object = json_object(), *rows = json_array();

	for (size_t i = 0; i < findings->n; i++)
		json_array_append_new(rows, row_of(&findings->list[i]));
	json_object_set_new(object, "findings", rows);
	json_set_int(object, "errors",
		     (int64_t)findings->counts[FINDING_ERROR]);
	json_set_int(object, "warnings",
		     (int64_t)findings->counts[FINDING_WARNING]);
	json_set_int(object, "notes", (int64_t)findings->counts[FINDING_NOTE]);
	return object;
}

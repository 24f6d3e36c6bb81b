/* libyaml's complaints as words a stranger understands, with what to do.  Any
 * thread. */
#include "conf/yaml-words.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "base/err.h"
#include "base/utf8.h"

/* One row a complaint of libyaml 0.2 (scanner.c, parser.c), found by a part of
 * its text; is_context: the place to mend is where the construct began. */
static const struct {
	const char *problem;
	bool is_context;
	const char *words;
} complaints[] = {
	/* clang-format off */
	{"could not find expected ':'", true,
	 "this line is no 'key: value': the ':' is missing"},
	{"block sequence entries are not allowed", false,
	 "a list's '-' does not belong here: put each '- entry' on a line of "
	 "its own below the key"},
	{"mapping keys are not allowed", false,
	 "a '?' cannot begin a key here: put it in quotes"},
	{"mapping values are not allowed", false,
	 "a ':' does not belong here: put a text that holds ': ' in quotes, "
	 "or mend the indentation"},
	{"found a tab character", false,
	 "a tab stands where spaces must: indent with spaces"},
	{"did not find expected key", false,
	 "expected 'key: value' here: look for a wrong indentation, or a quote "
	 "too many or too few, here or in the lines above"},
	{"did not find expected '-' indicator", false,
	 "expected '- entry' here: look for a wrong indentation, here or in "
	 "the lines above"},
	{"did not find expected ',' or ']'", true,
	 "the list that begins with '[' here lacks a ',' or its ']'"},
	{"did not find expected ',' or '}'", true,
	 "the map that begins with '{' here lacks a ',' or its '}'"},
	{"did not find expected node content", false,
	 "expected a value here"},
	{"did not find expected <document start>", false,
	 "expected the end of the file here: look for a wrong indentation, "
	 "here or in the lines above"},
	{"found unexpected end of stream", true,
	 "the quote that begins here is never closed"},
	{"found unexpected document indicator", true,
	 "the quote that begins here is not closed before the next '---' "
	 "or '...'"},
	{"found unknown escape character", false,
	 "a '\\' in double quotes begins an escape, and this one is unknown: "
	 "write '\\\\' for the character itself, or use single quotes"},
	{"did not find expected hexdecimal number", false,
	 "a '\\x', '\\u' or '\\U' in double quotes needs 2, 4 or 8 hex digits"},
	{"found invalid Unicode character escape code", false,
	 "this escape names no character of Unicode"},
	{"found unexpected ':'", false,
	 "a ':' does not belong here: put the text in quotes"},
	{"indentation indicator equal to 0", false,
	 "the digit behind '|' or '>' is 1 to 9"},
	{"did not find expected comment or line break", false,
	 "only a comment may stand behind this"},
	{"found undefined tag handle", false,
	 "tags ('!...') are not allowed: put the text in quotes"},
	{"duplicate %YAML", false, "there are two %YAML lines"},
	{"incompatible YAML document", false,
	 "this version of YAML is unknown: leave the %YAML line out"},
	/* clang-format on */
};

/* The same by what libyaml was about, for the many ways to get something
 * wrong that nobody wants here in the first place. */
static const struct {
	const char *context;
	const char *words;
} contexts[] = {
	{"directive", "lines that begin with '%' are not allowed: leave it "
		      "out, or put the text in quotes"},
	{"tag", "tags ('!...') are not allowed: put the text in quotes"},
	{"anchor", "anchors ('&...') are not allowed: put the text in quotes"},
	{"alias", "aliases ('*...') are not allowed: put the text in quotes"},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The byte at a line and column (characters), both from 0, of text. */
static size_t
find_byte(const char *text, size_t len, size_t line, size_t column)
{
	size_t at = 0;
	uint32_t c;

	for (; line > 0 && at < len; at++)
		if (text[at] == '\n' ||
		    (text[at] == '\r' &&
		     (at + 1 == len || text[at + 1] != '\n')))
			line--;
	for (; column > 0 && at < len; column--)
		at += utf8_decode(text + at, len - at, &c);
	return at;
}

/* A value that begins with a character that means something else. */
static int
refuse_first(struct err *err, const char *name, const yaml_mark_t *mark,
	     const char *text, size_t len)
{
	size_t at = find_byte(text, len, mark->line, mark->column);
	int line = (int)mark->line + 1;

	if (at < len && text[at] == '\t')
		return err_set(err,
			       "%s:%d: a tab stands where spaces must: "
			       "indent with spaces",
			       name, line);
	return err_set(err,
		       "%s:%d: a text cannot begin with '%c': put it in quotes",
		       name, line, at < len ? text[at] : '?');
}

int
yaml_words_set(struct err *err, const yaml_parser_t *parser, const char *name,
	       const char *text, size_t len)
{
	const char *problem = parser->problem ? parser->problem : "";
	const char *context = parser->context ? parser->context : "";
	int line = (int)parser->problem_mark.line + 1;

	if (parser->error == YAML_MEMORY_ERROR)
		return err_set(err, "%s: out of memory", name);
	if (strstr(problem, "cannot start any token"))
		return refuse_first(err, name, &parser->problem_mark, text,
				    len);
	for (size_t i = 0; i < COUNT(contexts); i++)
		if (strstr(context, contexts[i].context))
			return err_set(err, "%s:%d: %s", name, line,
				       contexts[i].words);
	for (size_t i = 0; i < COUNT(complaints); i++) {
		if (!strstr(problem, complaints[i].problem))
			continue;
		if (complaints[i].is_context)
			line = (int)parser->context_mark.line + 1;
		return err_set(err, "%s:%d: %s", name, line,
			       complaints[i].words);
	}
	return err_set(err, "%s:%d: this is not YAML: %s", name, line, problem);
}

/* U+0085, U+2028 and U+2029 end a line for YAML, but not for an editor: lines
 * would be counted wrong.  The others show nothing, and mean trouble. */
static bool
is_refused(uint32_t c)
{
	if (c == '\t' || c == '\n' || c == '\r')
		return false;
	return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 ||
	       c == 0x2029 || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF;
}

const char *
yaml_words_character(const char *text, size_t len, char words[64], size_t *at_r)
{
	size_t n;
	uint32_t c;

	for (size_t at = 0; at < len; at += n) {
		n = utf8_decode(text + at, len - at, &c);
		bool is_broken = n == 1 && c == 0xFFFD;
		if (!is_broken && !is_refused(c))
			continue;
		if (is_broken)
			snprintf(words, 64, "a byte (0x%02X) that is not UTF-8",
				 (unsigned int)(unsigned char)text[at]);
		else
			snprintf(words, 64, "the control character U+%04X",
				 (unsigned int)c);
		*at_r = at;
		return words;
	}
	return NULL;
}

int
yaml_words_line(const char *text, size_t at)
{
	int line = 1;

	for (size_t i = 0; i < at; i++)
		if (text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n'))
			line++;
	return line;
}

/* How many MB a second of CPU time redaction, folding and splitting take, on
 * texts made of words with a card, an IBAN or a PIN here and there, or on a
 * file: bench_redact [FILE]. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "text/fold.h"
#include "text/redact.h"
#include "text/tokens.h"

#define TEXT_BYTES ((size_t)8 << 20)
#define PIECE ((size_t)2000) /* a long message */

static const char *const words[] = {
	"the ",		"customer ",
	"says ",	"that ",
	"his ",		"account ",
	"was ",		"charged ",
	"twice ",	"in ",
	"March, ",	"and ",
	"asks ",	"for ",
	"a ",		"refund ",
	"of ",		"1,250.00 ",
	"euros. ",	"Please ",
	"call ",	"+49 171 234567 ",
	"before ",	"2024-05-12. ",
	"Stra\u00DFe ", "caf\u00E9 ",
};
static const char *const secrets[] = {
	"my card 4111 1111 1111 1111 ",
	"IBAN DE89 3704 0044 0532 0130 00 ",
	"my PIN is 1234. ",
};

static size_t
make_text(char *text)
{
	size_t len = 0;

	srandom(1);
	while (len + 64 < TEXT_BYTES) {
		size_t i = (size_t)random();
		const char *word =
			i % 200 == 0
				? secrets[i %
					  (sizeof secrets / sizeof *secrets)]
				: words[i % (sizeof words / sizeof *words)];
		memcpy(text + len, word, strlen(word));
		len += strlen(word);
	}
	return len;
}

static void
redact_piece(const char *text, size_t len)
{
	static struct buf out;
	unsigned int found;

	out.max = (size_t)1 << 20;
	buf_clear(&out);
	if (text_redact(&out, text, len, &found) < 0)
		exit(1);
}

static void
fold_piece(const char *text, size_t len)
{
	static struct buf out;

	out.max = (size_t)1 << 20;
	buf_clear(&out);
	if (text_fold(&out, text, len) < 0)
		exit(1);
}

static void
split_piece(const char *text, size_t len)
{
	static struct tokens tokens;

	if (!tokens.text.max)
		tokens_init(&tokens);
	if (tokens_split(&tokens, text, len, "en") < 0)
		exit(1);
}

static void
measure(const char *name, void (*take)(const char *, size_t), const char *text,
	size_t len)
{
	clock_t start = clock();

	for (size_t i = 0; i < len; i += PIECE)
		take(text + i, len - i < PIECE ? len - i : PIECE);
	double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
	printf("%-8s %6.1f MB/s\n", name, (double)len / 1e6 / seconds);
}

int
main(int argc, char **argv)
{
	char *text = malloc(TEXT_BYTES);
	size_t len = 0;
	FILE *file = argc > 1 ? fopen(argv[1], "rb") : NULL;

	if (!text || (argc > 1 && !file))
		return 1;
	if (file) {
		len = fread(text, 1, TEXT_BYTES, file);
		fclose(file);
	} else {
		len = make_text(text);
	}
	printf("%.1f MB in pieces of %zu bytes\n", (double)len / 1e6, PIECE);
	measure("redact", redact_piece, text, len);
	measure("fold", fold_piece, text, len);
	measure("split", split_piece, text, len);
	free(text);
	return 0;
}

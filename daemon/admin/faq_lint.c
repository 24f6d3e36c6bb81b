/* Looking through entries: of a pack, of a file, or of the desk. */
#include "admin/faq_lint.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/verdict.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/finding.h"
#include "base/time.h"
#include "dialog/desk.h"
#include "dialog/knowledge.h"
#include "dialog/pack_import.h"
#include "faq/import.h"
#include "faq/lint.h"
#include "nlu/pack.h"

#define READ_BYTES 65536

/* Entries, and the pack whose facts fill them; NULL: none.  Those of a file are
 * held against the pack's. */
struct subject {
	struct faq_file file, beside;
	struct lint_desk desk;
	struct pack *pack;
};

static void
use_pack(struct subject *subject, const struct pack *pack)
{
	subject->desk = (struct lint_desk){
		.language = pack->language,
		.value = facts_value,
		.facts = &pack->facts,
	};
}

/* ---- Of the desk */

static int
lint_live(struct admin_call *call, struct subject *subject,
	  struct findings *findings, struct err *err)
{
	const struct knowledge *knowledge =
		library_get(desk_library(call->desk));
	const struct pack *pack = knowledge->pack;
	struct faq_file file = {0};
	use_pack(subject, pack);
	subject->desk.now_us = time_now_us();
	subject->desk.pack = &file;
	int rc = faq_read_live(&subject->file, desk_store(call->desk), err);
	if (!rc)
		rc = pack_read_entries(&file, pack, facts_value, &pack->facts,
				       err);
	if (!rc)
		rc = faq_lint(&subject->file, &subject->desk, findings, err);
	faq_file_release(&file);
	knowledge_put(knowledge);
	return rc;
}

/* ---- Of a pack, or of a file */

static int
read_all(int fd, const char *path, struct buf *text, struct err *err)
{
	char block[READ_BYTES];
	ssize_t n;
	while ((n = read(fd, block, sizeof(block))) > 0)
		if (buf_add(text, block, (size_t)n))
			return err_set(err, "%s is too large", path);
	return n < 0 ? err_errno(err, "%s", path) : 0;
}

/* What is wrong with the entries is a finding; -1 is what keeps us from
 * reading them. */
static int
read_file(struct subject *subject, const char *path, struct findings *findings,
	  struct err *err)
{
	struct buf text;
	struct err why = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s", path);
	buf_init(&text, ADMIN_INPUT_MAX);
	int rc = read_all(fd, path, &text, err);
	if (!rc && faq_read_file(&subject->file, path, buf_str(&text), text.len,
				 lint_value, &subject->desk, &why))
		findings_add_err(findings, "unreadable", &why);
	buf_release(&text);
	close(fd);
	return rc;
}

static int
read_pack(struct subject *subject, struct admin_call *call, const char *name,
	  struct err *err)
{
	struct buf dir;
	buf_init(&dir, PATH_MAX);
	int rc = desk_find_pack(call->config, name, &dir, err);
	if (!rc)
		subject->pack = pack_read(buf_str(&dir), err);
	buf_release(&dir);
	if (!subject->pack)
		return -1;
	use_pack(subject, subject->pack);
	return 0;
}

static bool
is_plain_file(const char *path)
{
	struct stat status;
	return !stat(path, &status) && !S_ISDIR(status.st_mode);
}

static void
read_entries(struct subject *subject, struct faq_file *file,
	     struct findings *findings)
{
	struct err why = {0};
	if (pack_read_entries(file, subject->pack, lint_value, &subject->desk,
			      &why))
		findings_add_err(findings, "unreadable", &why);
}

/* Of a file the facts are those of the pack that --pack names. */
static int
read_subject(struct subject *subject, struct admin_call *call,
	     struct findings *findings, struct err *err)
{
	const char *what = admin_text(call, "WHAT");
	const char *pack = admin_text(call, "pack");
	bool is_file = is_plain_file(what);
	if (!is_file && strpbrk(what, "/.") && access(what, F_OK))
		return err_set(err, "there is no file or directory %s", what);
	if (pack && !is_file)
		return err_misuse(err, "--pack is for a file of entries");
	if ((pack || !is_file) &&
	    read_pack(subject, call, is_file ? pack : what, err))
		return -1;
	if (!is_file)
		read_entries(subject, &subject->file, findings);
	if (is_file && pack) {
		read_entries(subject, &subject->beside, findings);
		subject->desk.beside = &subject->beside;
	}
	return is_file ? read_file(subject, what, findings, err) : 0;
}

static int
lint_files(struct admin_call *call, struct subject *subject,
	   struct findings *findings, struct err *err)
{
	if (read_subject(subject, call, findings, err))
		return -1;
	subject->desk.now_us = time_now_us();
	return faq_lint(&subject->file, &subject->desk, findings, err);
}

int
faq_run_lint(struct admin_call *call, struct err *err)
{
	struct subject subject = {0};
	struct findings findings = {0};
	int rc = call->desk ? lint_live(call, &subject, &findings, err)
			    : lint_files(call, &subject, &findings, err);
	if (!rc)
		call->result =
			verdict_json(&findings, admin_flag(call, "strict"));
	findings_release(&findings);
	faq_file_release(&subject.file);
	faq_file_release(&subject.beside);
	pack_free(subject.pack);
	return rc;
}

const struct admin_argument faq_lint_arguments[] = {
	{"WHAT", ADMIN_TEXT, false, NULL,
	 "a pack, by directory or name, or a file; else the desk's entries"},
	{"--pack", ADMIN_TEXT, false, "PACK", "that a file is for"},
	{"--strict", ADMIN_FLAG, false, NULL, "fail on warnings, too"},
	{0},
};

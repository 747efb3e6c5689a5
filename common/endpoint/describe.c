/* describe - a program's own account of itself */
#include <stdio.h>

#include "base/json.h"
#include "endpoint/describe.h"
#include "store/kind.h"
#include "web/cookie.h"

static const struct { unsigned flag; const char *name; } sources[] = {
	{ QUERY, "query" }, { FORM, "form" }, { HEADER, "header" }, { COOKIE, "cookie" },
};

static const struct { unsigned flag; const char *name; } methods[] = {
	{ GET, "GET" }, { POST, "POST" }, { PUT, "PUT" }, { DELETE, "DELETE" },
};
enum { NMETHODS = sizeof(methods) / sizeof(methods[0]) };

struct words
page_methods(struct arena *mem, const struct page *page)
{
	struct words list = { 0, arena_array(mem, NMETHODS + 1, sizeof(*list.at)) };
	int i;

	for (i = 0; i < NMETHODS; i++)
		if ((page->methods & methods[i].flag) != 0)
			list.at[list.n++] = methods[i].name;
	return list;
}

static struct json *
describe_sources(struct arena *mem, const struct page *page, unsigned flags)
{
	struct json *list = json_array(mem);
	size_t i;

	if ((flags & (QUERY | FORM | HEADER | COOKIE)) == 0)
		flags |= page->methods == GET ? QUERY : FORM;
	for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		if ((flags & sources[i].flag) != 0)
			json_add_text(list, sources[i].name);
	return list;
}

static struct json *
describe_page(struct arena *mem, const struct page *page)
{
	struct json *out = json_object(mem), *list = json_array(mem);
	int i;

	for (i = 0; i < page->nparams; i++) {
		struct json *row = json_object(mem);

		json_set_text(row, "name", page->params[i].name);
		json_set(row, "from", describe_sources(mem, page, page->params[i].flags));
		json_set_int(row, "longest", (int64_t)page->params[i].longest);
		json_set_bool(row, "needed", (page->params[i].flags & NEEDED) != 0);
		json_add(list, row);
	}
	json_set_text(out, "path", page->path);
	json_set(out, "methods", json_new_words(mem, page_methods(mem, page)));
	json_set(out, "parameters", list);
	return out;
}

/* The kinds a program names, each with the key it is found under and what the store promises. */
static struct json *
describe_kinds(struct arena *mem, const char *names)
{
	struct words list = words_split(mem, names, ' ');
	struct json *out = json_array(mem);
	int i;

	for (i = 0; i < KV_NKINDS; i++) {
		struct json *row;

		if (!words_have(list, kv_kinds[i].name))
			continue;
		row = json_object(mem);
		json_set_text(row, "record", kv_kinds[i].name);
		json_set_text(row, "shape", kv_kinds[i].shape);
		json_set_text(row, "promise",
		    kv_kinds[i].promise == LASTING ? "lasting" : "passing");
		json_add(out, row);
	}
	return out;
}

void
describe_json(const struct program *program)
{
	struct arena *mem = arena_new();
	struct json *out = json_object(mem), *pages = json_array(mem);
	const struct page *page;

	for (page = program->pages; page->path != NULL; page++)
		json_add(pages, describe_page(mem, page));
	json_set_text(out, "program", program->name);
	json_set_text(out, "what", program->what);
	json_set(out, "pages", pages);
	json_set(out, "reads", describe_kinds(mem, program->reads));
	json_set(out, "writes", describe_kinds(mem, program->writes));
	json_set(out, "sets", json_new_words(mem, words_split(mem, program->sets, ' ')));
	json_set_text(out, "hands_over", program->hands_over);
	(void)puts(json_pretty(mem, out));
	arena_free(&mem);
}

void
describe_help(const struct program *program)
{
	struct arena *mem = arena_new();
	const struct page *page;

	(void)printf("%s - %s\n\nAnswers to:\n", program->name, program->what);
	for (page = program->pages; page->path != NULL; page++)
		(void)printf("  %s\t%s\n", words_join(mem, page_methods(mem, page), ", "),
		    page->path);
	(void)printf("\nReads:  %s\nWrites: %s\n", program->reads, program->writes);
	(void)puts("\nRuns as FastCGI on descriptor 0, or on a socket of its own, or as CGI.\n\n"
	    "  --socket WHERE   listen there: a path, or 127.0.0.1:PORT\n"
	    "  --workers N      processes (default: the setting workers; 1 on descriptor 0)\n"
	    "  --conf FILE      settings (default: $TARN_CONF, or the installed file)\n"
	    "  --describe       pages, parameters, records and cookies as JSON\n"
	    "  --help           this text");
	arena_free(&mem);
}

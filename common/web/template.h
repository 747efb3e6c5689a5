/* template - pages and mails: mustache over JSON
 *
 *	{{name}} {{a.b}} {{.}}		text, escaped for HTML text
 *	{{attr name}}			escaped for a quoted attribute value
 *	{{url name}}			escaped for a quoted href or action; a value that is not a
 *					path on this host, https: or http: becomes "#"
 *	{{#name}} … {{/name}}		a section: for each of a list, inside an object, if true
 *	{{^name}} … {{/name}}		otherwise
 *	{{>name}}			a partial: the file name.html (in mails name.txt)
 *	{{t name}}			the sentence `name` of the language, escaped for text
 *					and for attributes
 *	{{t name arg}}			the same with its %s filled by the value of arg, escaped
 *	{{! … }}			a comment
 *
 * There is no raw form, and no value stands where its encoder does not protect: in a quoted value
 * {{attr}} or {{url}}, at the beginning of a link {{url}}, in scripts, styles, comments and between
 * attributes none; a template that does otherwise is a fault when it is read. Files are read once
 * per process. Templates nest at most 16 deep and a page holds at most 256 kB. A name that the
 * model lacks is empty; a sentence that the language lacks is a fault, and the lint finds it
 * first. */
#ifndef TARN_WEB_TEMPLATE_H
#define TARN_WEB_TEMPLATE_H

#include "base/buf.h"
#include "base/json.h"
#include "base/rq.h"

/* Renders templates/{name}.html. A name that ends in ".txt" is that file, in which nothing is
 * escaped: mails. 0 or FAULT. */
int template_render(struct rq *rq, const char *name, const struct json *model,
    const struct json *sentences, struct buf *out);

/* The same from text, read anew each time: for tests. html: escape. */
int template_render_text(struct rq *rq, const char *text, bool html, const struct json *model,
    const struct json *sentences, struct buf *out);

#endif

/* html - one encoder per context: the name of the function is the proof */
#ifndef TARN_WEB_HTML_H
#define TARN_WEB_HTML_H

#include "base/buf.h"

void html_text(struct buf *out, const char *s);		/* between tags */
void html_attr(struct buf *out, const char *s);		/* inside a quoted attribute */
void html_url(struct buf *out, const char *s);		/* a link in a quoted href or action */

#endif

/* subject - under which name attempts of somebody, or of nobody, are counted */
#include "account/subject.h"
#include "base/text.h"
#include "crypto/aead.h"
#include "store/pool.h"

enum { PLACE_LETTERS = 3 };	/* of base64: 262,144 places for what nobody is called */

int
subject_of(struct rq *rq, const char *what, const char *name, bool nobody,
    const char **subject_r)
{
	const char *mark;
	int r;

	*subject_r = NULL;
	if (!rq->pool->case_sensitive)
		name = text_lower(rq->mem, name);
	if ((r = aead_mark(rq, what, name, &mark)) != 0)
		return r;
	*subject_r = nobody ?
	    arena_printf(rq->mem, "%s?%.*s~%s", what, PLACE_LETTERS, mark, mark) :
	    arena_printf(rq->mem, "%s:%s", what, mark);
	return 0;
}

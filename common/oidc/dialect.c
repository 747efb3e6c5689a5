/* dialect - what the dialects do differently on the wire */
#include "oidc/dialect.h"
#include "store/pool.h"

static const enum dialect from[NDEPARTURES] = {
#define X(name, since, what) [name] = DIALECT_##since,
	DEPARTURES(X)
#undef X
};

bool
dialect_speaks(enum dialect dialect, enum departure what)
{
	return dialect >= from[what];
}

bool
dialect_has(const struct rq *rq, enum departure what)
{
	enum dialect spoken = rq->client != NULL ? rq->client->dialect :
	    rq->pool != NULL ? rq->pool->dialect : DIALECT_COGNITO;

	return dialect_speaks(spoken, what);
}

/* kind - the kinds of record, where each lives and what is promised for it
 *
 * LASTING records are on disk before they are acknowledged and survive a power cut. PASSING records
 * survive the death of any process; a power cut may take the last second of them, but never brings
 * back one that was taken: whoever takes one writes a LASTING record in the same step. */
#ifndef TARN_STORE_KIND_H
#define TARN_STORE_KIND_H

enum kv_promise { LASTING, PASSING };

/*	kind		byte	promise		shape		key */
#define KV_KINDS(X) \
	X(META,		'!',	LASTING,	"Meta",		"") \
	X(POOL,		'P',	LASTING,	"Pool",		"pool") \
	X(KEY,		'K',	LASTING,	"Key",		"pool kid") \
	X(DOMAIN,	'D',	LASTING,	"Domain",	"host") \
	X(POOL_DOMAIN,	'd',	LASTING,	"",		"pool host") \
	X(CLIENT,	'C',	LASTING,	"Client",	"pool client") \
	X(CLIENT_POOL,	'c',	LASTING,	"ClientPool",	"client") \
	X(USER,		'U',	LASTING,	"User",		"pool username") \
	X(ALIAS,	'A',	LASTING,	"Alias",	"pool attribute value") \
	X(CREDENTIAL,	'W',	LASTING,	"Credential",	"pool sub") \
	X(GROUP,	'G',	LASTING,	"Group",	"pool group") \
	X(MEMBER,	'M',	LASTING,	"Member",	"pool sub group") \
	X(GROUP_MEMBER,	'm',	LASTING,	"GroupMember",	"pool group sub") \
	X(RESOURCE,	'R',	LASTING,	"Resource",	"pool identifier") \
	X(FAMILY,	'F',	LASTING,	"Family",	"pool origin_jti") \
	X(REFRESH,	'T',	LASTING,	"Refresh",	"pool token-hash") \
	X(OUTBOX,	'O',	LASTING,	"Outbox",	"due-time id") \
	X(TICKET,	'V',	LASTING,	"Ticket",	"pool sub purpose") \
	X(CODE,		'a',	PASSING,	"Code",		"pool code-hash") \
	X(SESSION,	'S',	PASSING,	"Session",	"pool cookie-hash") \
	X(THROTTLE,	'L',	PASSING,	"Throttle",	"pool subject")

enum kv_kind {
#define X(name, byte, promise, shape, key) KV_##name,
	KV_KINDS(X)
#undef X
	KV_NKINDS
};

struct kv_kind_row {
	const char *name;	/* "user": lower case, as --describe and the manuals spell it */
	char byte;		/* first of every key of this kind */
	enum kv_promise promise;
	const char *shape;	/* of its document in shapes.tsv; "" : no document */
	const char *key;	/* what the parts of the key are */
};

extern const struct kv_kind_row kv_kinds[KV_NKINDS];

#endif

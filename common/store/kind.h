/* kind - the kinds of record, where each lives and what is promised for it
 *
 * LASTING records are on disk before they are acknowledged and survive a power cut. PASSING records
 * survive the death of any process; a power cut may take the last second of them, but never brings
 * back one that was taken for something that lasts: whoever takes one writes a LASTING record in
 * the same step, or one whose taking does (a pushed request becomes a code, a code a family). */
#ifndef TARN_STORE_KIND_H
#define TARN_STORE_KIND_H

enum kv_promise { LASTING, PASSING };

/*	kind		name		byte promise  shape		key */
#define KV_KINDS(X) \
	X(META,		"meta",		'!', LASTING, "Meta",		"") \
	X(POOL,		"pool",		'P', LASTING, "Pool",		"pool") \
	X(KEY,		"key",		'K', LASTING, "Key",		"pool kid") \
	X(DOMAIN,	"domain",	'D', LASTING, "Domain",		"host") \
	X(POOL_DOMAIN,	"pool_domain",	'd', LASTING, "",		"pool host") \
	X(CLIENT,	"client",	'C', LASTING, "Client",		"pool client") \
	X(CLIENT_POOL,	"client_pool",	'c', LASTING, "ClientPool",	"client") \
	X(USER,		"user",		'U', LASTING, "User",		"pool username") \
	X(ALIAS,	"alias",	'A', LASTING, "Alias",		"pool attribute value") \
	X(CREDENTIAL,	"credential",	'W', LASTING, "Credential",	"pool sub") \
	X(FACTOR,	"factor",	'Y', LASTING, "Factor",		"pool sub factor") \
	X(GROUP,	"group",	'G', LASTING, "Group",		"pool group") \
	X(MEMBER,	"member",	'M', LASTING, "Member",		"pool sub group") \
	X(GROUP_MEMBER,	"group_member",	'm', LASTING, "GroupMember",	"pool group sub") \
	X(RESOURCE,	"resource",	'R', LASTING, "Resource",	"pool identifier") \
	X(FAMILY,	"family",	'F', LASTING, "Family",		"pool origin_jti") \
	X(REFRESH,	"refresh",	'T', LASTING, "Refresh",	"pool token-hash") \
	X(OUTBOX,	"outbox",	'O', LASTING, "Outbox",		"due-time id") \
	X(TICKET,	"ticket",	'V', LASTING, "Ticket",		"pool sub purpose") \
	X(REGISTRATION,	"registration",	'r', LASTING, "Registration",	"pool client") \
	X(INITIAL_TOKEN, "initial_token", 'i', LASTING, "InitialToken",	"pool token-hash") \
	X(CODE,		"code",		'a', PASSING, "Code",		"pool code-hash") \
	X(SESSION,	"session",	'S', PASSING, "Session",	"pool cookie-hash") \
	X(PUSHED,	"pushed",	'p', PASSING, "Pushed",		"pool uri-hash") \
	X(DEVICE_CODE,	"device_code",	'e', PASSING, "DeviceCode",	"pool code-hash") \
	X(USER_CODE,	"user_code",	'u', PASSING, "UserCode",	"pool code-hash") \
	X(SEEN,		"seen",		'j', PASSING, "",		"pool hash") \
	X(THROTTLE,	"throttle",	'L', PASSING, "Throttle",	"pool subject") \
	X(WATCH,	"watch",	'k', PASSING, "Watch",		"")

enum kv_kind {
#define X(kind, name, byte, promise, shape, key) KV_##kind,
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

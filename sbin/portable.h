/* portable - records as they leave an installation and come into another one
 *
 * What is sealed with the master key is opened on the way out and sealed with the other one on the
 * way in. Every reference to another record has to lead to one that is among them. */
#ifndef TARN_SBIN_PORTABLE_H
#define TARN_SBIN_PORTABLE_H

#include "store/record.h"

/* Are records of this kind in an archive without secrets? */
bool portable_is_plain(enum kv_kind kind);

/* Is it known how the secrets of this kind are sealed, if its shape has any? An archive with others
 * would be of no use elsewhere. */
bool portable_is_known(enum kv_kind kind);

/* { Kind, Key, Expires, Doc } of a record; without secrets its sealed members are left out. 0 or
 * FAULT: a secret does not open, or nobody knows how. */
int portable_from(struct rq *rq, const struct record *record, bool secrets,
    const struct json **line_r);

/* A line back as a key, a document (NULL for kinds without one) and an expiry. The document's
 * secrets are still open. 0, or REFUSED with a sentence (sbin/archive.h): unknown kind, wrong key,
 * not of its shape. */
struct portable {
	enum kv_kind kind;
	const struct kv_key *key;
	struct json *doc;
	int64_t expires;
};
int portable_read(struct rq *rq, const struct json *line, bool secrets,
    struct portable *portable_r);

/* Seals the document's secrets; those of clients that an archive without secrets left out become
 * new ones (*made_r counts them). 0, REFUSED or FAULT. */
int portable_seal(struct rq *rq, struct portable *portable, size_t *made_r);

/* Is the record that is there the same, but for what differs between installations? */
int portable_same(struct rq *rq, const struct portable *portable, const struct record *there,
    bool secrets, bool *same_r);

/* What others may refer to, as a set of hashes. Parents come first in an archive. */
struct portable_set;
struct portable_set *portable_set_new(struct rq *rq);

/* Takes a record in; *missing_r says what it refers to that is not there, or is NULL. */
void portable_refer(struct rq *rq, struct portable_set *set, enum kv_kind kind,
    const struct kv_key *key, const struct json *doc, const char **missing_r);

/* The key as a person reads it. */
const char *portable_spell(struct arena *mem, const struct kv_key *key);

#endif

/* kind - the kinds of record, where each lives and what is promised for it */
#include "store/kind.h"

const struct kv_kind_row kv_kinds[KV_NKINDS] = {
#define X(kind, name, byte, promise, shape, key) [KV_##kind] = { name, byte, promise, shape, key },
	KV_KINDS(X)
#undef X
};

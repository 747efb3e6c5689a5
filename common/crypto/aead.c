/* aead - sealing secrets at rest: AES-256-GCM under the master key (NIST SP 800-38D) */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/conf.h"
#include "base/file.h"
#include "base/random.h"
#include "base/syntax.h"
#include "base/text.h"
#include "crypto/aead.h"
#include "crypto/gcm.h"
#include "crypto/library.h"

enum {
	KEY = GCM_KEY,
	NONCE = GCM_NONCE,	/* 96 random bits: good for 2^32 seals of one key (section 8.3) */
	TAG = GCM_TAG,
	NAME = 32,	/* longest id of a master key */
	KEYS = 16,	/* most keys in the file */
	MOST = 1 << 20,	/* longest secret */
};

struct master {
	char id[NAME + 1];
	unsigned char key[KEY];
};

/* Read at first use; kept until the process ends. */
static struct {
	struct master at[KEYS];
	size_t n;
} masters;

static const struct master *
master_find(const char *id, size_t n)
{
	size_t i;

	for (i = 0; i < masters.n; i++)
		if (strlen(masters.at[i].id) == n && memcmp(masters.at[i].id, id, n) == 0)
			return &masters.at[i];
	return NULL;
}

/* One line of the file, "id base64". */
static int
master_add(struct rq *rq, const char *line, size_t number)
{
	struct words part = words_split(rq->mem, line, ' ');
	struct master *m = &masters.at[masters.n];
	unsigned char *key;
	size_t n;

	if (masters.n == KEYS)
		return fault(rq, "%s holds more than %d keys", conf->master_key, KEYS);
	if (part.n != 2 || !syn_word(part.at[0]) || strlen(part.at[0]) > NAME ||
	    !base64_decode(rq->mem, part.at[1], strlen(part.at[1]), &key, &n) || n != KEY)
		return fault(rq, "%s line %zu is not \"id base64-of-32-bytes\"", conf->master_key,
		    number);
	if (master_find(part.at[0], strlen(part.at[0])) != NULL)
		return fault(rq, "%s names key %s twice", conf->master_key, part.at[0]);
	memcpy(m->id, part.at[0], strlen(part.at[0]) + 1);
	memcpy(m->key, key, KEY);
	masters.n++;
	return 0;
}

/* The text of the file, if only its owner and group may read it. */
static int
master_text(struct rq *rq, char **text_r)
{
	enum { MOST_TEXT = 4096 };
	struct stat st;
	ssize_t n;
	int fd;

	*text_r = NULL;
	if ((fd = open(conf->master_key, O_RDONLY | O_CLOEXEC)) == -1)
		return fault(rq, "cannot read the master key %s: %s; tarn init makes one",
		    conf->master_key, strerror(errno));
	*text_r = arena_alloc(rq->mem, MOST_TEXT + 1);
	n = fstat(fd, &st) == 0 ? read(fd, *text_r, MOST_TEXT + 1) : -1;
	(void)close(fd);
	if (n <= 0 || n > MOST_TEXT)
		return fault(rq, "the master key %s is not a file of 1 to %d bytes",
		    conf->master_key, MOST_TEXT);
	if ((st.st_mode & 007) != 0)
		return fault(rq, "the master key %s is open to every user (mode %03o): chmod o= %s",
		    conf->master_key, (unsigned int)st.st_mode & 0777u, conf->master_key);
	return 0;
}

static int
masters_read(struct rq *rq)
{
	struct words lines;
	char *text;
	size_t i;
	int r;

	if (masters.n > 0)
		return 0;
	if ((r = master_text(rq, &text)) != 0)
		return r;
	lines = words_split(rq->mem, text, '\n');
	for (i = 0; i < lines.n && r == 0; i++)
		r = master_add(rq, lines.at[i], i + 1);
	if (r == 0 && masters.n == 0)
		r = fault(rq, "the master key %s holds no key", conf->master_key);
	if (r != 0)	/* all or nothing: half a file would seal with the wrong key */
		masters.n = 0;
	return r;
}

int
aead_seal(struct rq *rq, const char *purpose, const void *data, size_t n, const char **text_r)
{
	unsigned char *sealed;
	int r;

	*text_r = NULL;
	library_start();
	if ((r = masters_read(rq)) != 0)
		return r;
	if (n > MOST)
		return fault(rq, "%zu bytes of %s are too many to seal", n, purpose);
	sealed = arena_alloc(rq->mem, NONCE + n + TAG);
	random_bytes(sealed, NONCE);
	if (!gcm(masters.at[0].key, true, purpose, strlen(purpose), sealed, data, n, sealed + NONCE,
	    sealed + NONCE + n))
		return library_fault(rq, "cannot seal");
	*text_r = arena_printf(rq->mem, "%s.%s", masters.at[0].id,
	    base64url(rq->mem, sealed, NONCE + n + TAG));
	return 0;
}

int
aead_open(struct rq *rq, const char *purpose, const char *text, unsigned char **data_r,
    size_t *n_r)
{
	const char *dot = strchr(text, '.');
	const struct master *m;
	unsigned char *sealed, *data;
	size_t n;
	int r;

	*data_r = NULL;
	*n_r = 0;
	library_start();
	if ((r = masters_read(rq)) != 0)
		return r;
	if (dot == NULL || (m = master_find(text, (size_t)(dot - text))) == NULL ||
	    !base64url_decode(rq->mem, dot + 1, strlen(dot + 1), &sealed, &n) ||
	    n < NONCE + TAG || n > NONCE + MOST + TAG)
		return REFUSED;
	n -= NONCE + TAG;
	data = arena_alloc(rq->mem, n + 1);
	if (!gcm(m->key, false, purpose, strlen(purpose), sealed, sealed + NONCE, n, data,
	    sealed + NONCE + n)) {
		(void)library_reason();
		return REFUSED;
	}
	*data_r = data;
	*n_r = n;
	return 0;
}

/* The key seals with AES; so that no two algorithms share one, what marks is derived from it. */
int
aead_mark(struct rq *rq, const char *purpose, const char *text, const char **mark_r)
{
	const char *message = arena_printf(rq->mem, "%s %s", purpose, text);
	unsigned char key[KEY], mark[KEY];
	size_t n;
	bool good;
	int r;

	*mark_r = NULL;
	library_start();
	if ((r = masters_read(rq)) != 0)
		return r;
	good = EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, masters.at[0].key, KEY,
	    (const unsigned char *)"mark", 4, key, sizeof(key), &n) != NULL &&
	    EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key, sizeof(key),
	    (const unsigned char *)message, strlen(message), mark, sizeof(mark), &n) != NULL;
	OPENSSL_cleanse(key, sizeof(key));
	if (!good)
		return library_fault(rq, "cannot mark");
	*mark_r = base64url(rq->mem, mark, sizeof(mark));
	return 0;
}

/* The entry in the folder must survive a crash too: what is sealed next depends on it. */
int
aead_create_file(struct rq *rq, const char *path)
{
	unsigned char id[4], key[KEY];
	const char *slash = strrchr(path, '/'), *line;

	random_bytes(id, sizeof(id));
	random_bytes(key, sizeof(key));
	line = arena_printf(rq->mem, "%s %s\n", hex(rq->mem, id, sizeof(id)),
	    base64(rq->mem, key, sizeof(key)));
	explicit_bzero(key, sizeof(key));
	if (!file_create(path, line, strlen(line), 0600) || !file_sync_folder(slash == NULL ? "." :
	    arena_dupn(rq->mem, path, (size_t)(slash - path) + 1)))
		return fault(rq, "cannot write the master key %s: %s", path, strerror(errno));
	return 0;
}

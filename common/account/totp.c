/* totp - authenticator apps */
#include <liboath/oath.h>
#include <qrencode.h>
#include <string.h>

#include "account/totp.h"
#include "base/buf.h"
#include "base/codec.h"
#include "base/random.h"
#include "web/uri.h"

enum { SEED = 32, DIGITS = 6, STEP = 30, OFF = 1, QUIET = 4 };

const char *
totp_seed(struct rq *rq)
{
	unsigned char *bytes = arena_alloc(rq->mem, SEED);

	random_bytes(bytes, SEED);
	return base64url(rq->mem, bytes, SEED);
}

const char *
totp_secret(struct rq *rq, const char *seed)
{
	unsigned char *bytes;
	size_t n;

	return base64url_decode(rq->mem, seed, strlen(seed), &bytes, &n) ?
	    base32(rq->mem, bytes, n) : "";
}

const char *
totp_uri(struct rq *rq, const char *seed, const char *issuer, const char *account)
{
	struct buf *uri = buf_new(rq->mem, 8192);

	buf_text(uri, "otpauth://totp/");
	uri_escape(uri, issuer);
	buf_char(uri, ':');
	uri_escape(uri, account);
	buf_printf(uri, "?secret=%s&issuer=", totp_secret(rq, seed));
	uri_escape(uri, issuer);
	return uri->s;
}

/* Runs of dark modules of a row, each a rectangle of the path. */
static void
qr_row(struct buf *path, const unsigned char *row, int y, int width)
{
	int x, end;

	for (x = 0; x < width; x = end) {
		for (end = x + 1; end < width && ((row[end] ^ row[x]) & 1) == 0; end++)
			continue;
		if ((row[x] & 1) != 0)
			buf_printf(path, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, end - x,
			    end - x);
	}
}

const char *
totp_qr(struct rq *rq, const char *text, int *size_r)
{
	struct buf *path = buf_new(rq->mem, 64 * 1024);
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	int y;

	*size_r = 0;
	if (code == NULL)
		return NULL;
	for (y = 0; y < code->width; y++)
		qr_row(path, code->data + y * code->width, y, code->width);
	*size_r = code->width + 2 * QUIET;
	explicit_bzero(code->data, (size_t)code->width * (size_t)code->width);
	QRcode_free(code);
	return path->s;
}

int64_t
totp_step(struct rq *rq, const char *seed, const char *code)
{
	unsigned char *bytes;
	uint64_t step = 0;
	size_t n;

	if (strlen(code) != DIGITS ||
	    !base64url_decode(rq->mem, seed, strlen(seed), &bytes, &n) ||
	    oath_totp_validate3((const char *)bytes, n, (time_t)(rq->now / 1000), STEP, 0, OFF,
	    NULL, &step, code) < 0)
		return -1;
	return (int64_t)step;
}

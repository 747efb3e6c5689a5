/* codec - bytes as text: base64, base64url, base32, hexadecimal (RFC 4648) */
#include <stdint.h>
#include <string.h>

#include "base/codec.h"

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char urlsafe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static const char *
encode64(struct arena *mem, const void *data, size_t n, const char *alphabet, bool pad)
{
	const unsigned char *in = data;
	char *s = arena_array(mem, n / 3 + 2, 4), *out = s;
	size_t i;

	for (i = 0; i < n; i += 3) {
		size_t have = n - i < 3 ? n - i : 3;
		uint32_t v = (uint32_t)in[i] << 16;

		v |= have > 1 ? (uint32_t)in[i + 1] << 8 : 0;
		v |= have > 2 ? (uint32_t)in[i + 2] : 0;
		*out++ = alphabet[v >> 18];
		*out++ = alphabet[v >> 12 & 63];
		if (have > 1 || pad)
			*out++ = have > 1 ? alphabet[v >> 6 & 63] : '=';
		if (have > 2 || pad)
			*out++ = have > 2 ? alphabet[v & 63] : '=';
	}
	return s;
}

const char *
base64(struct arena *mem, const void *data, size_t n)
{
	return encode64(mem, data, n, standard, true);
}

const char *
base64url(struct arena *mem, const void *data, size_t n)
{
	return encode64(mem, data, n, urlsafe, false);
}

const char *
base32(struct arena *mem, const void *data, size_t n)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	const unsigned char *in = data;
	char *s = arena_array(mem, n / 5 + 2, 8), *out = s;
	unsigned v = 0, bits = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		v = (v << 8 | in[i]) & 0xfff;
		for (bits += 8; bits >= 5; bits -= 5)
			*out++ = alphabet[v >> (bits - 5) & 31];
	}
	if (bits > 0)
		*out++ = alphabet[v << (5 - bits) & 31];
	return s;
}

const char *
hex(struct arena *mem, const void *data, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *in = data;
	char *s = arena_array(mem, n + 1, 2);
	size_t i;

	for (i = 0; i < n; i++) {
		s[2 * i] = digits[in[i] >> 4];
		s[2 * i + 1] = digits[in[i] & 15];
	}
	return s;
}

/* What each of the 256 characters stands for; the alphabets differ in their last two. */
static void
values64(const char *alphabet, signed char values[256])
{
	int i;

	memset(values, -1, 256);
	for (i = 0; i < 64; i++)
		values[(unsigned char)alphabet[i]] = (signed char)i;
}

static bool
decode64(struct arena *mem, const char *s, size_t n, const char *alphabet, unsigned char **data_r,
    size_t *n_r)
{
	signed char values[256];
	unsigned char *data;
	uint32_t held = 0;
	size_t i, len = 0;
	int bits = 0;

	*data_r = NULL;
	*n_r = 0;
	if (n % 4 == 1)
		return false;
	values64(alphabet, values);
	data = arena_array(mem, n / 4 + 1, 3);
	for (i = 0; i < n; i++) {
		int v = values[(unsigned char)s[i]];

		if (v < 0)
			return false;
		held = held << 6 | (uint32_t)v;
		if ((bits += 6) >= 8)
			data[len++] = (unsigned char)(held >> (bits -= 8) & 255);
	}
	if ((held & ((1u << bits) - 1)) != 0)
		return false;
	data[len] = '\0';
	*data_r = data;
	*n_r = len;
	return true;
}

bool
base64_decode(struct arena *mem, const char *s, size_t n, unsigned char **data_r, size_t *n_r)
{
	size_t padding = 0;

	*data_r = NULL;
	*n_r = 0;
	if (n % 4 != 0)
		return false;
	while (padding < 2 && padding < n && s[n - padding - 1] == '=')
		padding++;
	return decode64(mem, s, n - padding, standard, data_r, n_r);
}

bool
base64url_decode(struct arena *mem, const char *s, size_t n, unsigned char **data_r, size_t *n_r)
{
	return decode64(mem, s, n, urlsafe, data_r, n_r);
}

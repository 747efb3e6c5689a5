/* hash - argon2id hashes per second of processor time: hash KIBIBYTES PASSES */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int
main(int argc, char **argv)
{
	static const char password[] = "correct horse battery staple";
	char out[crypto_pwhash_STRBYTES];
	unsigned long kibibytes, passes;
	clock_t begun;
	int n;

	if (argc != 3 || sodium_init() == -1)
		return 64;
	kibibytes = strtoul(argv[1], NULL, 10);
	passes = strtoul(argv[2], NULL, 10);
	begun = clock();
	for (n = 0; clock() - begun < 3 * CLOCKS_PER_SEC; n++)
		if (crypto_pwhash_str_alg(out, password, strlen(password), passes, kibibytes * 1024,
		    crypto_pwhash_ALG_ARGON2ID13) != 0)
			return 1;
	(void)printf("%.2f\n", n / ((double)(clock() - begun) / CLOCKS_PER_SEC));
	return 0;
}

/* banned - functions this project does without; included by the compiler on every file */
#ifndef TARN_BASE_BANNED_H
#define TARN_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#undef alloca	/* a macro of <stdlib.h>; to poison one that exists is a warning */

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok
#pragma GCC poison ctime asctime localtime gmtime atoi atol atoll atof drand48 system popen
/* OpenSSL and libsodium have parameters and members of these names: only the calls are banned. */
#define rand() rand_is_banned
#define random() random_is_banned

#pragma GCC poison tmpnam tempnam mktemp alloca

#endif

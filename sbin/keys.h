/* keys - the command about the signing keys of a pool */
#ifndef TARN_SBIN_KEYS_H
#define TARN_SBIN_KEYS_H

#include "sbin/command.h"

command_fn keys;

#endif

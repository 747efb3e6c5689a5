/* serve - the whole suite under one supervisor: tarn serve */
#ifndef TARN_SBIN_SERVE_H
#define TARN_SBIN_SERVE_H

/* argv[0] is "serve". Returns the status to exit with. */
int serve_main(int argc, char **argv);

#endif

# commands, never reachable from the web; each is one file, and one line here
sbin_PROGRAMS += \
	sbin/tarn \
	sbin/tarnd
sbin_tarn_SOURCES = sbin/tarn.c sbin/check.c sbin/check.h sbin/serve.c sbin/serve.h
nodist_man8_MANS += \
	doc/tarn.8 \
	doc/tarn-serve.8 \
	doc/tarnd.8

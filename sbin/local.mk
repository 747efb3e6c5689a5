# commands, never reachable from the web; each is one file, and one line here
sbin_PROGRAMS += \
	sbin/tarn \
	sbin/tarnd
sbin_tarn_SOURCES = \
	sbin/archive.c \
	sbin/archive.h \
	sbin/backup.c \
	sbin/backup.h \
	sbin/check.c \
	sbin/check.h \
	sbin/command.h \
	sbin/export.c \
	sbin/import.c \
	sbin/import_users.c \
	sbin/import_users.h \
	sbin/keys.c \
	sbin/keys.h \
	sbin/manifest.c \
	sbin/manifest.h \
	sbin/moving.h \
	sbin/portable.c \
	sbin/portable.h \
	sbin/restore.c \
	sbin/serve.c \
	sbin/serve.h \
	sbin/store.c \
	sbin/store.h \
	sbin/tarn.c
nodist_man8_MANS += \
	doc/tarn.8 \
	doc/tarn-serve.8 \
	doc/tarnd.8

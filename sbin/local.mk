# commands, never reachable from the web; each is one file, and one line here
sbin_PROGRAMS += \
	sbin/tarnd
nodist_man8_MANS += \
	doc/tarnd.8

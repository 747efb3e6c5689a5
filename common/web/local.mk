# common/web
libtarn_a_SOURCES += \
	common/web/context.c \
	common/web/context.h \
	common/web/cookie.c \
	common/web/cookie.h \
	common/web/fcgi.c \
	common/web/fcgi.h \
	common/web/head.c \
	common/web/head.h \
	common/web/html.c \
	common/web/html.h \
	common/web/lang.c \
	common/web/lang.h \
	common/web/limit.c \
	common/web/limit.h \
	common/web/param.c \
	common/web/param.h \
	common/web/template.c \
	common/web/template.h \
	common/web/uri.c \
	common/web/uri.h

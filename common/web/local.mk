# common/web
libtarn_a_SOURCES += \
	common/web/cookie.h \
	common/web/fcgi.h \
	common/web/head.h \
	common/web/html.h \
	common/web/lang.h \
	common/web/param.h \
	common/web/template.h \
	common/web/uri.h

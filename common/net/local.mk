# common/net
libtarn_a_SOURCES += \
	common/net/http.c \
	common/net/http.h \
	common/net/mail.c \
	common/net/mail.h \
	common/net/message.c \
	common/net/message.h \
	common/net/sms.c \
	common/net/sms.h

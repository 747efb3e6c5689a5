# common/net
libtarn_a_SOURCES += \
	common/net/mail.h

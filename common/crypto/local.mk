# common/crypto
libtarn_a_SOURCES += \
	common/crypto/aead.c \
	common/crypto/aead.h \
	common/crypto/digest.c \
	common/crypto/digest.h \
	common/crypto/gcm.c \
	common/crypto/gcm.h \
	common/crypto/jwt.c \
	common/crypto/jwt.h \
	common/crypto/key.c \
	common/crypto/key.h \
	common/crypto/library.c \
	common/crypto/library.h \
	common/crypto/password.c \
	common/crypto/password.h \
	common/crypto/sign.c \
	common/crypto/sign.h \
	common/crypto/stream.c \
	common/crypto/stream.h

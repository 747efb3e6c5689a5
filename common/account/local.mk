# common/account

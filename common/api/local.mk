# common/api

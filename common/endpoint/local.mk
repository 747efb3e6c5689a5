# common/endpoint

# common/oidc

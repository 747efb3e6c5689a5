/* op - the operations of the user pool API, one table
 *
 * The tarn command runs them in process; the HTTP API will serve the same rows. Arguments are
 * checked against the operation's shape before its function runs; the answer is projected to its
 * shape after. An operation collects its writes; who runs it applies them. */
#ifndef TARN_API_OP_H
#define TARN_API_OP_H

#include "base/json.h"
#include "base/rq.h"

/* out is an empty object to fill. 0, REFUSED (rq->refusal is an API exception) or FAULT. */
typedef int op_fn(struct rq *rq, const struct json *in, struct json *out);

struct op {
	const char *name;		/* "CreateUserPool" */
	op_fn *run;
	op_fn *after;			/* once the writes are on disk: publishing. NULL: nothing */
};

/* Sorted by name. */
extern const struct op ops[];
extern const size_t n_ops;

/* The functions, each in the file of its subject. An operation checks all it has to check before it
 * collects its first write: what it collected is applied even if it then refuses, because a failed
 * attempt has to count. */
op_fn op_add_custom_attributes, op_create_user_pool, op_delete_user_pool, op_describe_user_pool,
    op_list_user_pools, op_update_user_pool, op_publish_pool, op_withdraw_pool;
op_fn op_create_initial_token, op_delete_initial_token;
op_fn op_add_client_secret, op_create_client, op_delete_client, op_delete_client_secret,
    op_describe_client, op_list_client_secrets, op_list_clients, op_update_client;
op_fn op_create_domain, op_delete_domain, op_describe_domain, op_update_domain, op_withdraw_domain;
op_fn op_add_user_to_group, op_create_group, op_delete_group, op_empty_group, op_get_group,
    op_list_groups, op_list_groups_for_user, op_list_users_in_group, op_remove_user_from_group,
    op_update_group;
op_fn op_create_resource_server, op_delete_resource_server, op_describe_resource_server,
    op_list_resource_servers, op_update_resource_server;
op_fn op_get_mfa_config, op_set_mfa_config, op_set_user_mfa;
op_fn op_confirm_sign_up, op_create_user, op_delete_user, op_delete_user_attributes,
    op_disable_user, op_enable_user, op_get_user, op_list_users, op_reset_user_password,
    op_set_user_password, op_sign_out_user, op_update_user_attributes;

/* Checks, runs, applies (again on fresh reads when a race was lost), projects. *out_r is the
 * answer. */
int op_run(struct rq *rq, const struct op *op, const struct json *in, struct json **out_r);

#endif

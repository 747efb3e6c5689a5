/* op - the operations of the user pool API, one table */
#include <string.h>

#include "api/op.h"
#include "base/shape.h"
#include "store/kv.h"

enum { TRIES = 16 };	/* of an operation that loses races for its records */

const struct op ops[] = {
	{ "AddCustomAttributes", op_add_custom_attributes, NULL },
	{ "AddUserPoolClientSecret", op_add_client_secret, NULL },
	{ "AdminAddUserToGroup", op_add_user_to_group, NULL },
	{ "AdminConfirmSignUp", op_confirm_sign_up, NULL },
	{ "AdminCreateUser", op_create_user, NULL },
	{ "AdminDeleteUser", op_delete_user, NULL },
	{ "AdminDeleteUserAttributes", op_delete_user_attributes, NULL },
	{ "AdminDisableUser", op_disable_user, NULL },
	{ "AdminEnableUser", op_enable_user, NULL },
	{ "AdminGetUser", op_get_user, NULL },
	{ "AdminListGroupsForUser", op_list_groups_for_user, NULL },
	{ "AdminRemoveUserFromGroup", op_remove_user_from_group, NULL },
	{ "AdminResetUserPassword", op_reset_user_password, NULL },
	{ "AdminSetUserMFAPreference", op_set_user_mfa, NULL },
	{ "AdminSetUserPassword", op_set_user_password, NULL },
	{ "AdminUpdateUserAttributes", op_update_user_attributes, NULL },
	{ "AdminUserGlobalSignOut", op_sign_out_user, NULL },
	{ "CreateGroup", op_create_group, NULL },
	{ "CreateInitialAccessToken", op_create_initial_token, NULL },
	{ "CreateResourceServer", op_create_resource_server, NULL },
	{ "CreateUserPool", op_create_user_pool, op_publish_pool },
	{ "CreateUserPoolClient", op_create_client, op_publish_pool },
	{ "CreateUserPoolDomain", op_create_domain, op_publish_pool },
	{ "DeleteGroup", op_delete_group, op_empty_group },
	{ "DeleteInitialAccessToken", op_delete_initial_token, NULL },
	{ "DeleteResourceServer", op_delete_resource_server, NULL },
	{ "DeleteUserPool", op_delete_user_pool, op_withdraw_pool },
	{ "DeleteUserPoolClient", op_delete_client, NULL },
	{ "DeleteUserPoolClientSecret", op_delete_client_secret, NULL },
	{ "DeleteUserPoolDomain", op_delete_domain, op_withdraw_domain },
	{ "DescribeResourceServer", op_describe_resource_server, NULL },
	{ "DescribeUserPool", op_describe_user_pool, NULL },
	{ "DescribeUserPoolClient", op_describe_client, NULL },
	{ "DescribeUserPoolDomain", op_describe_domain, NULL },
	{ "GetGroup", op_get_group, NULL },
	{ "GetUserPoolMfaConfig", op_get_mfa_config, NULL },
	{ "ListGroups", op_list_groups, NULL },
	{ "ListResourceServers", op_list_resource_servers, NULL },
	{ "ListUserPoolClientSecrets", op_list_client_secrets, NULL },
	{ "ListUserPoolClients", op_list_clients, NULL },
	{ "ListUserPools", op_list_user_pools, NULL },
	{ "ListUsers", op_list_users, NULL },
	{ "ListUsersInGroup", op_list_users_in_group, NULL },
	{ "SetUserPoolMfaConfig", op_set_mfa_config, NULL },
	{ "UpdateGroup", op_update_group, NULL },
	{ "UpdateResourceServer", op_update_resource_server, NULL },
	{ "UpdateUserPool", op_update_user_pool, op_publish_pool },
	{ "UpdateUserPoolClient", op_update_client, op_publish_pool },
	{ "UpdateUserPoolDomain", op_update_domain, op_publish_pool },
};
const size_t n_ops = sizeof(ops) / sizeof(ops[0]);

static const struct shape *
op_shape(struct rq *rq, const struct op *op, const char *direction)
{
	return shape_find(arena_printf(rq->mem, "%s.%s", op->name, direction));
}

/* Runs until its expectations hold; each time on what the store says now. */
static int
op_settle(struct rq *rq, const struct op *op, const struct json *in, struct json **out_r)
{
	int i, r, applied = KV_BROKEN;

	for (i = 0; i < TRIES && applied == KV_BROKEN; i++) {
		kv_forget(rq);
		rq->refusal = NULL;
		*out_r = json_object(rq->mem);
		if ((r = op->run(rq, in, *out_r)) < 0) {
			kv_forget(rq);
			return r;
		}
		applied = kv_apply(rq);
	}
	if (applied == KV_BROKEN)
		return fault(rq, "%s lost %d races in a row", op->name, TRIES);
	return applied != 0 ? applied : r;
}

int
op_run(struct rq *rq, const struct op *op, const struct json *in, struct json **out_r)
{
	const struct shape *takes = op_shape(rq, op, "in"), *gives = op_shape(rq, op, "out");
	struct json *out;
	int r;

	*out_r = NULL;
	if (takes == NULL || gives == NULL)
		return fault(rq, "%s has no shapes", op->name);
	if ((r = shape_check(rq, takes, in)) != 0)
		return r;
	in = shape_project(rq->mem, takes, in);
	if ((r = op_settle(rq, op, in, &out)) != 0)
		return r;
	/* What was written stands, whatever becomes of this; the log says what to do. */
	if (op->after != NULL)
		(void)op->after(rq, in, out);
	*out_r = shape_project(rq->mem, gives, out);
	return 0;
}

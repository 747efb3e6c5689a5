/* peer - oidc-provider (npm) with one user's access token, for comparison: prints the token, then
 * serves /me on the port given */
import Provider from 'oidc-provider';

const port = Number(process.argv[2]);
const provider = new Provider(`http://localhost:${port}`, {
	clients: [{ client_id: 'bench', client_secret: 'secret', redirect_uris: ['http://localhost/'] }],
	claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
	features: { userinfo: { enabled: true } },
	findAccount: (_, id) => ({ accountId: id, claims: () => (
		{ sub: id, email: 'alice@example.com', email_verified: true, name: 'Alice' }) }),
});

const client = await provider.Client.find('bench');
const grant = new provider.Grant({ accountId: 'alice', clientId: 'bench' });
grant.addOIDCScope('openid email profile');
const token = new provider.AccessToken({ accountId: 'alice', client, grantId: await grant.save(),
	gty: 'authorization_code', scope: 'openid email profile', claims: {} });
const value = await token.save();
provider.listen(port, '127.0.0.1', () => console.log(value));

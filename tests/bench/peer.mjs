/* peer - oidc-provider (npm) for comparison: serves /me and /token on the port given, and prints one
 * user's access token; client credentials are answered with a token signed with RS256, like ours */
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const port = Number(process.argv[2]);
const api = 'https://api.example.com';
const provider = new Provider(`http://localhost:${port}`, {
	clients: [{ client_id: 'bench', client_secret: 'secret', redirect_uris: ['http://localhost/'],
		grant_types: ['authorization_code', 'client_credentials'] }],
	claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
	jwks: { keys: [{ ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
		.export({ format: 'jwk' }), kid: 'bench', use: 'sig', alg: 'RS256' }] },
	features: {
		userinfo: { enabled: true },
		clientCredentials: { enabled: true },
		resourceIndicators: { enabled: true, defaultResource: () => api,
			getResourceServerInfo: () => ({ scope: 'read', audience: api,
				accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }) },
	},
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

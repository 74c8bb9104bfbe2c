// A token server that we did not write: oidc-provider, which is certified for OpenID Connect and FAPI.
//
// When it is ready, it prints a line of JSON, a list of requests for a token, first one for each algorithm that it has. Each
// has `credentials`, in libims's own format, and `claims`, the members by which the access token says for whom and for what
// it is: `client_id`, `aud`, and `scope`, which may be null. The server ends when standard input does.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

// It advises on everything that a test leaves out.
for (const level of ['info', 'warn']) console[level] = () => {};

process.stdin.on('close', () => process.exit()).resume();

const DEFAULT_RESOURCE = 'https://api.example/';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = (namedCurve) => generateKeyPairSync('ec', { namedCurve });
const keys = {
  ...Object.fromEntries(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map((alg) => [alg, rsa])),
  ES256: ec('P-256'),
  ES384: ec('P-384'),
  ES512: ec('P-521'),
  EdDSA: generateKeyPairSync('ed25519'),
  Ed25519: generateKeyPairSync('ed25519'),
};
// As long as HS512 needs.
const secret = randomBytes(32).toString('hex');
const algorithms = [...Object.keys(keys), 'HS256', 'HS384', 'HS512'];

const clients = algorithms.map((alg) => ({
  client_id: `client-${alg}`,
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
  token_endpoint_auth_signing_alg: alg,
  ...(alg in keys
    ? {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ ...keys[alg].publicKey.export({ format: 'jwk' }), use: 'sig' }] },
      }
    : { token_endpoint_auth_method: 'client_secret_jwt', client_secret: secret }),
}));

function requests(issuer) {
  const request = (alg, settings, claims) => ({
    credentials: {
      grant: 'client_credentials',
      issuer,
      token_url: `${issuer}/token`,
      client_id: `client-${alg}`,
      alg,
      ...(alg in keys
        ? { client_auth: 'private_key_jwt', private_key: keys[alg].privateKey.export({ format: 'pem', type: 'pkcs8' }) }
        : { client_auth: 'client_secret_jwt', client_secret: secret }),
      ...settings,
    },
    claims: { client_id: `client-${alg}`, aud: DEFAULT_RESOURCE, scope: null, ...claims },
  });
  const files = 'https://api.example/files';
  return [
    ...algorithms.map((alg) => request(alg, {}, {})),
    request('ES256', { scope: 'read' }, { scope: 'read' }),
    request('ES256', { scope: 'read write' }, { scope: 'read write' }),
    request('ES256', { scope: ['read', 'write'] }, { scope: 'read write' }),
    request('ES256', { resource: files }, { aud: files }),
    request('ES256', { resource: files, scope: 'write' }, { aud: files, scope: 'write' }),
    // Found by the server's metadata.
    request('ES256', { token_url: null }, {}),
  ];
}

const server = createServer().listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients,
    scopes: ['read', 'write'],
    clientAuthMethods: ['private_key_jwt', 'client_secret_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: algorithms },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => DEFAULT_RESOURCE,
        getResourceServerInfo: (_, resource) => ({ audience: resource, scope: 'read write', accessTokenFormat: 'jwt' }),
      },
    },
  });
  server.on('request', provider.callback());
  console.log(JSON.stringify(requests(issuer)));
});

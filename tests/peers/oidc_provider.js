// A token server that we did not write: oidc-provider, which is certified for OpenID Connect and FAPI.
//
// The first line of standard input is JSON: `port`, and `clients`, a list of objects with `client_id`, `alg`, and either
// `public_key` (PEM) or `client_secret`. The server ends when standard input does.
//
// Its issuer is http://127.0.0.1:PORT. A client gets the scopes `read` and `write` for a resource https://api.example/...

import { createPublicKey } from 'node:crypto';
import readline from 'node:readline';
import Provider from 'oidc-provider';

// It advises on everything that a test leaves out.
for (const level of ['info', 'warn']) console[level] = () => {};

const lines = readline.createInterface({ input: process.stdin });
const config = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);
process.stdin.on('close', () => process.exit()).on('end', () => process.exit()).resume();

const clients = config.clients.map(({ client_id, alg, public_key, client_secret }) => ({
  client_id,
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
  token_endpoint_auth_signing_alg: alg,
  ...(public_key
    ? {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ ...createPublicKey(public_key).export({ format: 'jwk' }), kid: client_id, use: 'sig' }] },
      }
    : { token_endpoint_auth_method: 'client_secret_jwt', client_secret }),
}));

const algorithms = ['RS', 'PS', 'ES', 'HS'].flatMap((family) => [256, 384, 512].map((bits) => `${family}${bits}`));
const provider = new Provider(`http://127.0.0.1:${config.port}`, {
  clients,
  scopes: ['read', 'write'],
  clientAuthMethods: ['private_key_jwt', 'client_secret_jwt'],
  enabledJWA: { clientAuthSigningAlgValues: [...algorithms, 'EdDSA'] },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'https://api.example/',
      getResourceServerInfo: (_, resource) => ({ audience: resource, scope: 'read write' }),
    },
  },
});
provider.listen(config.port, '127.0.0.1');

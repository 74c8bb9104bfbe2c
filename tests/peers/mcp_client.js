// An MCP client whose tokens come from `ims`, for the conformance suite, which tells it of its account by the environment:
//
//     mcp_client.js IMS [JWT [SCOPE]] SERVER_URL
//
// It calls the server without a token first. The response, 401, says where the server's metadata is, which names the resource
// and the authorization server (RFC 9728). With these and the account, `ims` gets the token. JWT is the name that the suite gives the one of
// the platform: a good one, or one that must not work.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  discoverAuthorizationServerMetadata,
  discoverOAuthProtectedResourceMetadata,
  extractWWWAuthenticateParams,
} from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [command, ...options] = process.argv.slice(2);
const serverUrl = options.pop();
const [jwt = 'valid_jwt', scope] = options;
const account = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT);

// By a credentials file; `ims` finds the token endpoint itself.
function token(issuer, resource, settings, platformsJwt) {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-client-'));
  try {
    const file = join(folder, 'credentials.json');
    const credentials = { issuer, resource, client_id: account.client_id, ...settings };
    writeFileSync(file, JSON.stringify(credentials), { mode: 0o600 });
    // As Kubernetes does, for example.
    if (platformsJwt) writeFileSync(join(folder, 'token'), platformsJwt, { mode: 0o600 });
    return execFileSync(command, ['token', file, '--cache', 'none'], { encoding: 'utf8' }).trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const settings = {
  'auth/client-credentials-jwt': {
    grant: 'client_credentials',
    client_auth: 'private_key_jwt',
    private_key: account.private_key_pem,
    alg: account.signing_algorithm,
  },
  'auth/client-credentials-basic': {
    grant: 'client_credentials',
    client_auth: 'basic',
    client_secret: account.client_secret,
  },
  // By a JWT that the platform signed for this program.
  'auth/wif-jwt-bearer': { grant: 'jwt_bearer', client_auth: 'none', assertion_file: 'token', scope },
}[process.env.MCP_CONFORMANCE_SCENARIO];

let authorization;

async function authorizedFetch(url, init) {
  const headers = new Headers(init?.headers);
  if (authorization) headers.set('Authorization', authorization);
  const response = await fetch(url, { ...init, headers });
  if (response.status !== 401 || authorization) return response;
  const metadata = await discoverOAuthProtectedResourceMetadata(serverUrl, extractWWWAuthenticateParams(response));
  authorization = `Bearer ${token(metadata.authorization_servers[0], metadata.resource, settings, account[jwt])}`;
  return authorizedFetch(url, init);
}

const client = new Client({ name: 'ims', version: '1' });
await client.connect(new StreamableHTTPClientTransport(new URL(serverUrl), { fetch: authorizedFetch }));
await client.listTools();
await client.close();

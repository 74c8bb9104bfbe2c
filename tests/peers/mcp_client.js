// An MCP client whose tokens come from `ims`, for the conformance suite, which tells it of its account by the environment:
//
//     mcp_client.js IMS SERVER_URL
//
// It calls the server without a token first. The response, 401, says where the server's metadata is, which names the resource
// and the authorization server (RFC 9728). With these and the account, `ims` gets the token.

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

const [command, serverUrl] = process.argv.slice(2);
const account = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT);

const ims = (args, input) => execFileSync(command, args, { encoding: 'utf8', input }).trim();

// By a credentials file; `ims` finds the token endpoint itself.
function clientCredentials(issuer, resource, settings) {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-client-'));
  try {
    const file = join(folder, 'credentials.json');
    const credentials = { grant: 'client_credentials', issuer, resource, client_id: account.client_id, ...settings };
    writeFileSync(file, JSON.stringify(credentials), { mode: 0o600 });
    return ims(['token', file, '--cache', 'none']);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// By a JWT that the platform signed for this program.
async function workloadIdentity(issuer, resource) {
  const { token_endpoint } = await discoverAuthorizationServerMetadata(issuer);
  const server = ['--issuer', issuer, '--token-url', token_endpoint, '--param', `resource=${resource}`];
  const client = ['--client-id', account.client_id, '--client-auth', 'none'];
  return ims(['exchange', '--grant', 'jwt-bearer', '--jwt-file', '-', ...client, ...server], account.valid_jwt);
}

const token = {
  'auth/client-credentials-jwt': (issuer, resource) =>
    clientCredentials(issuer, resource, {
      client_auth: 'private_key_jwt',
      private_key: account.private_key_pem,
      alg: account.signing_algorithm,
    }),
  'auth/client-credentials-basic': (issuer, resource) =>
    clientCredentials(issuer, resource, { client_auth: 'basic', client_secret: account.client_secret }),
  'auth/wif-jwt-bearer': workloadIdentity,
}[process.env.MCP_CONFORMANCE_SCENARIO];

let authorization;

async function authorizedFetch(url, init) {
  const headers = new Headers(init?.headers);
  if (authorization) headers.set('Authorization', authorization);
  const response = await fetch(url, { ...init, headers });
  if (response.status !== 401 || authorization) return response;
  const metadata = await discoverOAuthProtectedResourceMetadata(serverUrl, extractWWWAuthenticateParams(response));
  authorization = `Bearer ${await token(metadata.authorization_servers[0], metadata.resource)}`;
  return authorizedFetch(url, init);
}

const client = new Client({ name: 'ims', version: '1' });
await client.connect(new StreamableHTTPClientTransport(new URL(serverUrl), { fetch: authorizedFetch }));
await client.listTools();
await client.close();

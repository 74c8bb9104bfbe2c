// Verifies access tokens with jose, by the keys that the server's OpenID configuration leads to.
//
// Reads a JSON object a line, with the server's `url` and a `token`; answers each with the claims,
// or with `refused` and the reason.

import { createInterface } from "node:readline";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";

for await (const line of createInterface({ input: process.stdin })) {
  const { url, token } = JSON.parse(line);
  const configuration = await (await fetch(`${url}/ims/.well-known/openid-configuration`)).json();
  const keys = createRemoteJWKSet(new URL(configuration.jwks_uri));
  let answer;
  try {
    answer = (await jwtVerify(token, keys, { algorithms: ["RS256"] })).payload;
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    answer = { refused: error.message };
  }
  console.log(JSON.stringify(answer));
}

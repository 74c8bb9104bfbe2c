// Gets, validates and invalidates tokens with Adobe's own client, @adobe/aio-lib-ims, and its
// plugin for JWTs.
//
// Reads a JSON object a line, with the server's URL as `ims` and what to `call`; answers each with
// what the library returns, or with `refused` and its message.

import { createInterface } from "node:readline";
import { Ims } from "@adobe/aio-lib-ims";
import { imsLogin } from "@adobe/aio-lib-ims-jwt";

const calls = {
  imsLogin: (ims, { config }) => imsLogin(ims, config),
  getAccessTokenByClientCredentials: (ims, { client_id, client_secret, org_id, scopes }) =>
    ims.getAccessTokenByClientCredentials(client_id, client_secret, org_id, scopes),
  validateToken: (ims, { token, client_id }) => ims.validateToken(token, client_id),
  invalidateToken: (ims, { token, client_id, client_secret }) =>
    ims.invalidateToken(token, client_id, client_secret),
};

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  const ims = new Ims();
  ims.endpoint = question.ims;
  let answer;
  try {
    answer = await calls[question.call](ims, question);
  } catch (error) {
    answer = { refused: error.message };
  }
  console.log(JSON.stringify(answer));
}

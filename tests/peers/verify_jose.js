// Verifies JWTs with jose.
//
// Reads a JSON object a line, with `public_key` (PEM), `alg`, `jwt`, `iss` and `aud`; answers each with
// the claims, or with `refused` and the reason.

import { createInterface } from "node:readline";
import { errors, importSPKI, jwtVerify } from "jose";

for await (const line of createInterface({ input: process.stdin })) {
  const given = JSON.parse(line);
  const options = {
    algorithms: [given.alg],
    issuer: given.iss,
    audience: given.aud,
    requiredClaims: ["iss", "sub", "aud", "exp", "iat"],
  };
  let answer;
  try {
    const key = await importSPKI(given.public_key, given.alg);
    answer = (await jwtVerify(given.jwt, key, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    answer = { refused: error.message };
  }
  console.log(JSON.stringify(answer));
}

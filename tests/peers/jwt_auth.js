// Gets a token with Adobe's own client, @adobe/jwt-auth.
//
// Reads its options as a JSON object a line; answers each with the token answer, or with `refused`,
// the server's error, and its description.

import { createInterface } from "node:readline";
import authorize from "@adobe/jwt-auth";

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = await authorize(JSON.parse(line));
  } catch (error) {
    answer = { refused: error.code, description: error.message };
  }
  console.log(JSON.stringify(answer));
}

/* Sends one file in parts, and goes on where it was after whatever has gone wrong. */

import { address, ask, readable, wait } from "./parts.js";

const PART_BYTES = 8 * 1024 * 1024;
const PAUSES_MS = [500, 2000, 5000, 10000, 20000, 30000];
const PASSING = [0, 408, 409, 429, 500, 502, 503, 504];

/** What a file is known again by after the page was loaded anew. */
export const markOf = (file) => `${file.name}|${file.size}|${file.lastModified}`;

const put = async (id, offset, blob) => {
  const answer = await fetch(address(`uploads/${id}?offset=${offset}`), { method: "PUT", body: blob, cache: "no-store" });
  const data = await answer.json().catch(() => null);
  if (answer.ok) return data;
  throw Object.assign(new Error((data && data.detail) || answer.statusText), { status: answer.status });
};

/**
 * Send the rest of `file` to the upload. `tell(upload, words)` hears of every part; `isStopped()` is asked between parts.
 * Returns the upload as it is at the end, null when it was stopped; throws the server's refusal.
 */
export const sendFile = async (file, upload, tell, isStopped) => {
  const begin = { at: performance.now(), bytes: upload.received_bytes };
  let failures = 0;
  while (upload.received_bytes < upload.size_bytes) {
    if (isStopped()) return null;
    try {
      const offset = upload.received_bytes;
      upload = await put(upload.id, offset, file.slice(offset, offset + PART_BYTES));
      failures = 0;
      const perSecond = ((upload.received_bytes - begin.bytes) * 1000) / Math.max(1, performance.now() - begin.at);
      tell(upload, `${readable(upload.received_bytes)} of ${readable(upload.size_bytes)}, ${readable(perSecond)}/s`);
    } catch (error) {
      if (error.name === "NotReadableError") throw new Error("The file cannot be read any more: choose it again.");
      if (!PASSING.includes(error.status ?? 0) || failures === PAUSES_MS.length) throw error;
      tell(upload, "The connection broke, trying again …");
      await wait(PAUSES_MS[failures]);
      failures += 1;
      upload = await ask("GET", `uploads/${upload.id}`).catch((problem) => {
        if (problem.status) throw problem;
        return upload;
      });
    }
  }
  return upload;
};

/* Looks completions up beside the page, so that typing never waits for two hundred thousand tags. */

import { lookUp, Offers, TagIndex } from "./index.js";

let tags = new TagIndex([]);
let offers = new Offers([]);
let state = "";

const read = async (address) => {
  const answer = await fetch(address, { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  return answer.text();
};

const take = async ({ addresses, version, listed }) => {
  offers = new Offers(listed);
  if (version === state) return;
  state = version;
  const texts = await Promise.all(addresses.map(read));
  if (version === state) tags = new TagIndex(texts);
};

addEventListener("message", async ({ data }) => {
  if (data.listed) {
    let problem = "";
    try {
      await take(data);
    } catch (error) {
      state = "";
      problem = error.message;
    }
    postMessage({ ready: true, problem, tags: tags.tags.length });
    return;
  }
  postMessage({ number: data.number, ...lookUp(data.typed, data.most, tags, offers) });
});

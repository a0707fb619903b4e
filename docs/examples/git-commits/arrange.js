// Makes repositories for the kit: one JSON line asks, one answers. See "A source of your own" in the guide.
"use strict";
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");
const zlib = require("node:zlib");

let root = "";

function put(repository, kind, content) {
  // Git's own way to keep an object, for thousands of repositories want no process each.
  const whole = Buffer.concat([Buffer.from(`${kind} ${Buffer.byteLength(content)}\0`), Buffer.from(content)]);
  const hash = crypto.createHash("sha1").update(whole).digest("hex");
  const folder = path.join(repository, ".git", "objects", hash.slice(0, 2));
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, hash.slice(2)), zlib.deflateSync(whole));
  return hash;
}

function write({ partition, items }) {
  const repository = path.join(root, partition);
  const main = path.join(repository, ".git", "refs", "heads", "main");
  fs.mkdirSync(path.dirname(main), { recursive: true });
  fs.writeFileSync(path.join(repository, ".git", "HEAD"), "ref: refs/heads/main\n");
  const tree = put(repository, "tree", "");
  let head = fs.existsSync(main) ? fs.readFileSync(main, "utf8").trim() : null;
  const keys = items.map((item) => {
    const who = `Ana <ana@example.org> ${item.epoch} +0000`;
    const parent = head ? `parent ${head}\n` : "";
    head = put(repository, "commit", `tree ${tree}\n${parent}author ${who}\ncommitter ${who}\n\n${item.text}\n`);
    return [partition, head];
  });
  if (head) fs.writeFileSync(main, `${head}\n`);
  return { ok: true, keys };
}

const does = {
  open: ({ home }) => ((root = home), { ok: true, root }),
  write,
  remove: ({ partition }) => (fs.rmSync(path.join(root, partition), { recursive: true }), { ok: true }),
  obstruct: () => (fs.rmSync(root, { recursive: true }), fs.writeFileSync(root, "no folder"), { ok: true }),
};

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const asked = JSON.parse(line);
  const answer = does[asked.do] ? does[asked.do](asked) : { unable: `${asked.do} is not known here` };
  process.stdout.write(JSON.stringify(answer) + "\n");
});

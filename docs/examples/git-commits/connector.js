// The commits of the git repositories in a folder: every commit that is new since the last run.
"use strict";
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const NAMED = 20;
const FORMAT = "--format=%H%x1f%cI%x1f%an%x1f%s";

function say(type, fields) {
  // Synchronous, so that nothing is lost when the process exits.
  const line = Buffer.from(JSON.stringify({ type, ...fields }) + "\n");
  for (let at = 0; at < line.length; ) {
    try {
      at += fs.writeSync(1, line, at);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

function git(repository, ...words) {
  const done = spawnSync("git", ["-C", repository, ...words], { encoding: "utf8", maxBuffer: 1 << 30 });
  return done.status === 0 ? done.stdout : null;
}

function commits(repository, known) {
  // A commit that is not there any more, after a rewrite, is no beginning. Null: no commit at all.
  const log = (range) => git(repository, "log", "--reverse", "-z", FORMAT, range);
  const told = (known ? log(`${known}..HEAD`) : null) ?? log("HEAD") ?? "";
  return told.split("\0").filter(Boolean).map((one) => one.split("\x1f"));
}

function within(at, window) {
  const moment = Date.parse(at);
  return (!window.since || Date.parse(window.since) <= moment) && (!window.until || moment < Date.parse(window.until));
}

function collect(root, scope, heads) {
  let emitted = 0;
  const present = fs.readdirSync(root).sort();
  for (const name of present) {
    if (scope.resources && !scope.resources.includes(name)) continue;
    heads[name] ??= "";
    for (const [commit, at, author, subject] of commits(path.join(root, name), heads[name])) {
      heads[name] = commit;
      if (!within(at, scope.time_range || {})) continue;
      const all = { repository: name, commit, committed_at: at, author, subject };
      const asked = ([field]) => !scope.fields || scope.fields.includes(field) || REQUIRED.includes(field);
      const data = Object.fromEntries(Object.entries(all).filter(asked));
      say("RECORD", { stream: "commits", key: [name, commit], data, emitted_at: new Date().toISOString() });
      emitted += 1;
    }
  }
  const gone = Object.keys(heads).filter((name) => !present.includes(name));
  if (gone.length && !scope.resources) {
    const told = { repositories: gone.slice(0, NAMED), count: gone.length, truncated: gone.length > NAMED };
    say("SKIP_RESULT", { stream: "commits", reason: "repository_gone", diagnostics: told });
  }
  if (!scope.time_range) say("STATE", { stream: "commits", cursor: { heads } });
  return emitted;
}

const REQUIRED = ["repository", "commit", "committed_at"];

function main(start) {
  let emitted = 0;
  try {
    for (const scope of start.scope.streams) {
      if (scope.name !== "commits") {
        say("SKIP_RESULT", { stream: scope.name, reason: "unknown_stream" });
        continue;
      }
      const cursor = (start.state || {}).commits || {};
      emitted = collect(start.bindings.filesystem.root, scope, { ...cursor.heads });
    }
  } catch (error) {
    const told = { message: `the repositories cannot be read: ${error.code}`, retryable: true };
    say("DONE", { status: "failed", records_emitted: emitted, error: told });
    return 1;
  }
  say("DONE", { status: "succeeded", records_emitted: emitted });
  return 0;
}

let text = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
  text += chunk;
  // Stdin stays open for answers: the first line is all there is to wait for.
  if (text.includes("\n")) process.exit(main(JSON.parse(text.slice(0, text.indexOf("\n")))));
});

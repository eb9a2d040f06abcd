import { decodeTime } from "ulid";
import { freshId } from "./fresh-id.js";

const idLength = 26;
/** About half a minute's artifacts have these characters of their ids in common. */
const shardLength = 7;

/**
 * A fresh place for an artifact of this name: `<root>/artifacts/<beginning of the id>/<name>@<id>`. Artifacts that were made at
 * one time lie together: on a file system a directory costs more than a small artifact, and one of all would be slow to list.
 */
export function freshLocation(root: string, artifactName: string): string {
  const id = freshId();
  return `${root}/artifacts/${id.slice(0, shardLength)}/${encodeName(artifactName)}@${id}`;
}

/** When a location was taken, by the clock of the process that took it; `undefined` for what is none. */
export function locationTime(location: string): number | undefined {
  const id = location.slice(-idLength);
  return /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id) ? decodeTime(id) : undefined;
}

/** One segment of a key, safe in a URL and a shell, whatever the name is. */
function encodeName(name: string): string {
  if (/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(name)) return name;
  const encoded = encodeURIComponent(name.replace(/\p{Surrogate}/gu, "\ufffd")).replace(/[!'()*~]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
  return encoded.replace(/^\.+/, (dots) => "%2E".repeat(dots.length)) || "%";
}

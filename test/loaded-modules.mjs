// Loaded with --import: writes the URL of every module that the process loads, ESM and CommonJS, into a file.
import { appendFileSync } from "node:fs";
import Module, { register } from "node:module";

const file = process.env.LOADED_MODULES;
register(
  `data:text/javascript,${encodeURIComponent(`
    import { appendFileSync } from "node:fs";
    export async function load(url, context, next) {
      appendFileSync(${JSON.stringify(file)}, url + "\\n");
      return next(url, context);
    }
  `)}`,
);
const original = Module._load;
Module._load = function load(request, parent, isMain) {
  try {
    appendFileSync(file, `${Module._resolveFilename(request, parent, isMain)}\n`);
  } catch {
    // what cannot be resolved is the caller's affair
  }
  return original.call(this, request, parent, isMain);
};

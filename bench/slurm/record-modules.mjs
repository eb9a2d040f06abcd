// As `--import` of a process: writes down, in order, which modules it loads.
import { appendFileSync } from "node:fs";
import { register } from "node:module";

if (process.env.BENCH_MODULES) {
  const hook = `
    import { appendFileSync } from "node:fs";
    export async function load(url, context, next) {
      if (url.startsWith("file:")) appendFileSync(${JSON.stringify(process.env.BENCH_MODULES)}, url + "\\n");
      return next(url, context);
    }`;
  register(`data:text/javascript,${encodeURIComponent(hook)}`);
  appendFileSync(process.env.BENCH_MODULES, "");
}

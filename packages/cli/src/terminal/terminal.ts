import isUnicodeSupported from "is-unicode-supported";
import picocolors from "picocolors";

export type Colors = ReturnType<typeof picocolors.createColors>;

/** Where a command writes, and what can be shown there. */
export interface Terminal {
  /** Colours for what goes to standard output; they obey `NO_COLOR` and `FORCE_COLOR`. */
  readonly colors: Colors;
  readonly errorColors: Colors;
  readonly symbols: Symbols;
  /** True if standard output is a terminal whose lines can be rewritten. */
  readonly live: boolean;
  /** In columns; `Infinity` where the output is not a terminal. */
  readonly width: () => number;
  readonly height: () => number;
  /** Standard output: what was asked for. */
  print(text?: string): void;
  /** Standard error: everything else. */
  note(text: string): void;
  printJson(value: unknown): void;
}

export interface Symbols {
  readonly done: string;
  readonly failed: string;
  readonly skipped: string;
  readonly warning: string;
  readonly waiting: string;
  readonly arrow: string;
  readonly spinner: readonly string[];
  readonly bar: { readonly full: string; readonly half: string; readonly empty: string };
}

const unicode: Symbols = {
  done: "✔",
  failed: "✖",
  skipped: "↷",
  warning: "▲",
  waiting: "·",
  arrow: "←",
  spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
  bar: { full: "━", half: "╸", empty: "━" },
};

const ascii: Symbols = {
  done: "+",
  failed: "x",
  skipped: "-",
  warning: "!",
  waiting: ".",
  arrow: "<-",
  spinner: ["|", "/", "-", "\\"],
  bar: { full: "=", half: ">", empty: "-" },
};

export function createTerminal(
  environment: NodeJS.ProcessEnv = process.env,
  stdout: NodeJS.WriteStream = process.stdout,
  stderr: NodeJS.WriteStream = process.stderr,
): Terminal {
  const { CI, TERM } = environment;
  return {
    colors: picocolors.createColors(wantsColor(environment, stdout)),
    errorColors: picocolors.createColors(wantsColor(environment, stderr)),
    symbols: speaksUtf8(environment) ? unicode : ascii,
    live: stdout.isTTY === true && TERM !== "dumb" && !CI,
    width: () => (stdout.isTTY ? stdout.columns || 80 : Number.POSITIVE_INFINITY),
    height: () => stdout.rows || 24,
    print: (text = "") => void stdout.write(`${text}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    printJson: (value) => void stdout.write(`${JSON.stringify(value, null, 2)}\n`),
  };
}

function wantsColor(environment: NodeJS.ProcessEnv, stream: NodeJS.WriteStream): boolean {
  if (environment.NO_COLOR) return false;
  const { FORCE_COLOR: forced } = environment;
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return stream.isTTY === true && environment.TERM !== "dumb";
}

/** On POSIX the locale decides; none at all is common in containers, whose terminals do show UTF-8. */
function speaksUtf8(environment: NodeJS.ProcessEnv): boolean {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG;
  if (process.platform !== "win32" && locale) return /utf-?8/i.test(locale);
  return isUnicodeSupported();
}

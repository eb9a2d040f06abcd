/** Words that people try where a command has another place. `runs show 01J` means `run show 01J`. */
export const shortcuts: Readonly<Record<string, readonly string[]>> = {
  ls: ["run", "list"],
  ps: ["run", "list", "--status", "running"],
  runs: ["run", "list"],
  artifacts: ["artifact", "list"],
  models: ["model", "list"],
  pipelines: ["pipeline", "list"],
  stacks: ["stack", "list"],
  integrations: ["integration", "list"],
  plugins: ["integration", "list"],
  show: ["run", "show"],
  describe: ["run", "show"],
  logs: ["run", "logs"],
  resume: ["run", "resume"],
  compare: ["run", "compare"],
  diff: ["run", "compare"],
  explain: ["cache", "explain"],
  reproduce: ["run", "reproduce"],
  cancel: ["run", "cancel"],
  install: ["integration", "install"],
  uninstall: ["integration", "uninstall"],
};

export function expandShortcut(argv: readonly string[]): string[] {
  const [first, second] = argv;
  const target = first === undefined || !Object.hasOwn(shortcuts, first) ? undefined : shortcuts[first];
  if (target === undefined) return [...argv];
  const group = target[0] as string;
  const plural = first === `${group}s` || first === "plugins";
  // A word after the plural is a command of the group; an option belongs to the list.
  if (plural && second !== undefined && !second.startsWith("-")) return [group, ...argv.slice(1)];
  return [...target, ...argv.slice(1)];
}

import { resolve } from "node:path";
import { usageError } from "./usage-error.js";

export interface ParameterOptions {
  readonly param?: readonly string[];
  readonly params?: string;
}

/** What `--params` and `--param` set, as core takes it. */
export interface GivenParameters {
  readonly paramsFile?: string;
  readonly paramTexts?: Readonly<Record<string, string>>;
}

export function givenParameters(directory: string, { param = [], params }: ParameterOptions): GivenParameters {
  const texts = param.map((text): [string, string] => {
    const equals = text.indexOf("=");
    if (equals < 1) {
      const fix = "Write, for example, --param fit.epochs=100.";
      throw usageError(`reading --param ${text}`, "it is not name=value", fix);
    }
    return [text.slice(0, equals).trim(), text.slice(equals + 1)];
  });
  return {
    ...(params === undefined ? {} : { paramsFile: resolve(directory, params) }),
    ...(texts.length === 0 ? {} : { paramTexts: Object.fromEntries(texts) }),
  };
}

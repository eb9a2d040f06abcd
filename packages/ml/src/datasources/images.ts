import { TenonError } from "@tenon/core";
import type { Row } from "../vocabulary/row.js";
import { describeFiles, findFiles } from "./files.js";
import { optional } from "./optional-package.js";
import type { RowSource } from "./row-source.js";

export interface ImageOptions {
  /** In pixels; images of another size are scaled to it, and cut in the middle if their sides are in another proportion. */
  readonly width: number;
  readonly height: number;
  /** 1 is grey, 3 (the default) is red, green and blue. */
  readonly channels?: 1 | 3;
  /** What the column `label` holds: the name of the directory that an image lies in (the default), or no such column. */
  readonly label?: "directory" | false;
}

const extensions = "{png,jpg,jpeg,webp,gif,tif,tiff,avif}";
const atOnce = 8;

/**
 * The images in a directory and below it, in the order of their paths: `image` holds raw pixels, a byte a channel, row by row
 * from the top left; `label` and `file` say where it lay. It needs the package `sharp`.
 *
 * @throws `PARAMETER_INVALID` without a size; when it is read: `IMAGE_UNREADABLE`, which names the file
 * @example images("data/digits", { width: 28, height: 28, channels: 1 })
 */
export function images(directory: string | URL, options: ImageOptions): RowSource {
  const { width, height, channels = 3, label = "directory" } = checked(directory, options);
  return {
    kind: "images",
    description: `images in ${describeFiles(directory)}`,
    columns: [{ name: "image", kind: "bytes", shape: [height, width, channels] }],
    async read({ directory: project, signal }) {
      const { default: sharp } = await optional("sharp", () => import("sharp"), "reading images");
      const { basename, dirname, relative } = await import("node:path");
      const [root] = (await findFiles(directory, project)) as [string];
      const files = await imageFiles(root);
      const rows = new Array<Row>(files.length);
      let next = 0;
      const readOn = async () => {
        for (let index = next++; index < files.length; index = next++) {
          signal?.throwIfAborted();
          const file = files[index] as string;
          const image = await pixelsOf(file, async () => {
            const scaled = sharp(file, { failOn: "error" }).resize(width, height, { fit: "cover" }).removeAlpha();
            const coloured = channels === 1 ? scaled.grayscale().toColourspace("b-w") : scaled.toColourspace("srgb");
            return coloured.raw().toBuffer();
          });
          const path = relative(root, file).replaceAll("\\", "/");
          rows[index] = { image, ...(label !== false && { label: basename(dirname(file)) }), file: path };
        }
      };
      try {
        await Promise.all(Array.from({ length: Math.min(atOnce, files.length) }, readOn));
      } finally {
        // After a failure the others do not read on either.
        next = files.length;
      }
      return rows;
    },
  };
}

/** In a program without types they may be left out. */
function checked(directory: string | URL, options: ImageOptions | undefined): ImageOptions {
  const { width, height, channels = 3 } = options ?? ({} as Partial<ImageOptions>);
  const wrong = [width, height].some((size) => !(Number.isSafeInteger(size) && (size as number) > 0));
  if (options !== undefined && !wrong && (channels === 1 || channels === 3)) return options;
  throw new TenonError("PARAMETER_INVALID", {
    doing: `describing the images in ${describeFiles(directory)}`,
    found: `their width is ${width}, their height ${height}, and their channels are ${channels}`,
    fix: "Say the size in pixels, and 1 or 3 channels: { width: 28, height: 28, channels: 1 }.",
  });
}

async function imageFiles(root: string): Promise<readonly string[]> {
  const { glob } = await import("tinyglobby");
  const files = await glob(`**/*.${extensions}`, { cwd: root, absolute: true, caseSensitiveMatch: false });
  if (files.length > 0) return files.sort();
  throw new TenonError("DATA_UNREADABLE", {
    doing: `looking for images in ${root}`,
    found: "there are none there, nor below",
    fix: "Images are files that end in .png, .jpg, .jpeg, .webp, .gif, .tif, .tiff or .avif.",
  });
}

async function pixelsOf(file: string, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return new Uint8Array(await read());
  } catch (cause) {
    throw new TenonError("IMAGE_UNREADABLE", {
      doing: `reading the image ${file}`,
      found: cause instanceof Error ? cause.message.replaceAll("\n", " ").replace(/\.$/, "") : String(cause),
      fix: "Mend the file, or take it out of the directory.",
      details: { file },
      cause,
    });
  }
}

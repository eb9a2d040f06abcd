/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Pass it as `after` for the next page; absent on the last one. */
  readonly next?: string;
  /** How many records were read and compared, where no index answers the question (`where`). */
  readonly scanned?: number;
}

export interface PageRequest {
  /** At most so many; by default 50. */
  readonly limit?: number;
  /** The `next` of the page before. */
  readonly after?: string;
}

type ReadPage<T> = (request: PageRequest & { readonly limit: number }) => Promise<Page<T>>;

/**
 * What fits a question: page by page, or one by one with `for await`. Nothing is read before it is asked for, and no
 * more than it takes.
 *
 * @example for await (const run of client.runs.list({ status: "failed" })) console.log(run.id);
 */
export class Listing<T> implements AsyncIterable<T> {
  readonly #read: ReadPage<T>;

  constructor(read: ReadPage<T>) {
    this.#read = read;
  }

  async page({ limit = 50, ...request }: PageRequest = {}): Promise<Page<T>> {
    return this.#read({ limit, ...request });
  }

  /** `undefined` if nothing fits. */
  async first(): Promise<T | undefined> {
    return (await this.#read({ limit: 1 })).items[0];
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    let after: string | undefined;
    do {
      const page: Page<T> = await this.#read({ limit: 50, ...(after === undefined ? {} : { after }) });
      yield* page.items;
      after = page.next;
    } while (after !== undefined);
  }
}

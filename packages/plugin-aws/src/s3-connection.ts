import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import type { S3Config } from "./s3-config.js";

type Sdk = typeof import("@aws-sdk/client-s3");

export interface OpenS3 {
  readonly sdk: Sdk;
  readonly client: S3Client;
}

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The SDK and its client, loaded when they are used for the first time. */
export class S3Connection {
  #open: Promise<OpenS3> | undefined;

  /** `keys`, if the configuration names any, resolves its secrets. */
  constructor(
    readonly config: S3Config,
    private readonly keys?: () => Promise<Keys>,
  ) {}

  open(): Promise<OpenS3> {
    this.#open ??= this.#create().catch((error) => {
      this.#open = undefined;
      throw error;
    });
    return this.#open;
  }

  async dispose(): Promise<void> {
    const open = await this.#open?.catch(() => undefined);
    this.#open = undefined;
    open?.client.destroy();
  }

  async #create(): Promise<OpenS3> {
    const [sdk, credentials] = await Promise.all([import("@aws-sdk/client-s3"), this.keys?.()]);
    const { region, endpoint, forcePathStyle = endpoint !== undefined, profile, attempts, timeout } = this.config;
    const options: S3ClientConfig = {
      // It would print what is thrown as well.
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      maxAttempts: attempts,
      retryMode: "standard",
      forcePathStyle,
      requestHandler: {
        connectionTimeout: Math.min(timeout, 10) * 1000,
        // Without a byte; a slow line may take its time.
        socketTimeout: timeout * 1000,
        httpAgent: { maxSockets: 64, keepAlive: true },
        httpsAgent: { maxSockets: 64, keepAlive: true },
      },
      // Other servers know none of the newer checksums; there the signature, which covers the body, guards it.
      ...(endpoint !== undefined && { endpoint, requestChecksumCalculation: "WHEN_REQUIRED" as const }),
      ...(credentials && { credentials }),
      ...(profile !== undefined && { profile }),
    };
    const chosen = region ?? (endpoint !== undefined && !environmentRegion() ? "us-east-1" : undefined);
    if (chosen !== undefined) options.region = chosen;
    return { sdk, client: new sdk.S3Client(options) };
  }
}

function environmentRegion(): string | undefined {
  return process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION;
}

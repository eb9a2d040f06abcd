import { isSecretReference, type SecretReference, secretHint } from "@tenon/core";
import * as z from "zod/mini";

const secret = z.custom<SecretReference>(isSecretReference, secretHint);
const mebibyte = 1 << 20;

/** Of the artifact store `s3`. */
export const s3Config = z.strictObject({
  bucket: z.string().check(z.minLength(3), z.maxLength(255)),
  /** Put before every key, with a `/`: several projects can share a bucket. At most 100 bytes. */
  prefix: z.optional(
    z.string().check(z.refine((prefix) => Buffer.byteLength(prefix) <= 100, "It is longer than 100 bytes.")),
  ),
  /** By default the one of the environment or profile; for other servers than AWS, `us-east-1`. */
  region: z.optional(z.string().check(z.minLength(1))),
  /** `https://minio.example.com`: a server that speaks the protocol of S3; by default AWS itself. */
  endpoint: z.optional(z.url({ protocol: /^https?$/, error: "Write an address such as https://s3.example.com." })),
  /** Puts the bucket into the path instead of the host's name; by default true with `endpoint`. */
  forcePathStyle: z.optional(z.boolean()),
  /** By default what the SDK finds: environment, profile, web identity, container or instance role. */
  credentials: z.optional(
    z.strictObject({ accessKeyId: secret, secretAccessKey: secret, sessionToken: z.optional(secret) }),
  ),
  /** The profile of the shared configuration to take credentials and region from. */
  profile: z.optional(z.string().check(z.minLength(1))),
  /** Bytes in a part of what is uploaded in several; 5 MiB to 512 MiB, by default 8 MiB. */
  partSize: z._default(z.int().check(z.minimum(5 * mebibyte), z.maximum(512 * mebibyte)), 8 * mebibyte),
  /** Parts of one object under way at the same time; each takes a part's memory. */
  partsAtOnce: z._default(z.int().check(z.minimum(1), z.maximum(64)), 4),
  /** Times that a request is made before it counts as failed, with growing, random pauses in between. */
  attempts: z._default(z.int().check(z.minimum(1), z.maximum(100)), 6),
  /** Seconds without a byte after which a connection counts as broken. */
  timeout: z._default(z.int().check(z.minimum(1), z.maximum(3600)), 60),
});

export type S3Config = z.infer<typeof s3Config>;

/** For integrations whose stores are elsewhere; it knows of no service: `@tenon/core/remote`. */
export { type BackoffOptions, backoff } from "./remote/backoff.js";
export { type BodyPart, type BodyPartOptions, bodyParts } from "./remote/body-parts.js";
export { connectionFault } from "./remote/connection-fault.js";
export { lateSignal } from "./remote/late-signal.js";
export { nextOf } from "./remote/next-of.js";
export { PartBuffers } from "./remote/part-buffers.js";
export { bareError, type RemoteErrorDetails, type RemoteFault, remoteError } from "./remote/remote-error.js";
export { BodyCutShort, type OpenedBody, type ResumingReadOptions, resumingRead } from "./remote/resuming-read.js";
export { type RetryingOptions, retrying } from "./remote/retrying.js";
export { type UploadPartsOptions, uploadParts } from "./remote/upload-parts.js";

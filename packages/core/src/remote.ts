/** For integrations whose stores are elsewhere; it knows of no service: `@tenon/core/remote`. */
export { type BackoffOptions, backoff } from "./remote/backoff.js";
export { type BodyPart, type BodyPartOptions, bodyParts } from "./remote/body-parts.js";
export { committing } from "./remote/committing.js";
export { connectionFault } from "./remote/connection-fault.js";
export { nextOf } from "./remote/next-of.js";
export { PartBuffers } from "./remote/part-buffers.js";
export { probeArtifactStore, type StorePermissions } from "./remote/probe-artifact-store.js";
export { bareError, type RemoteErrorDetails, type RemoteFault, remoteError } from "./remote/remote-error.js";
export { BodyCutShort, type OpenedBody, type ResumingReadOptions, resumingRead } from "./remote/resuming-read.js";
export { type RetryingOptions, retrying } from "./remote/retrying.js";
export { type UploadPartsOptions, uploadParts } from "./remote/upload-parts.js";
export { type WatchedBody, watchedBody } from "./remote/watched-body.js";

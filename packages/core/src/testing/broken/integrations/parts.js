// What the sound integration and its broken copies have in common.
export const kind = { name: "artifactStore", token: { id: "component/artifactStore" } };

export const config = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) =>
      typeof value === "object" && value !== null ? { value } : { issues: [{ message: "it is no object" }] },
  },
};

const type = { kind: "artifactType", name: "sound/Box" };

export const materializer = {
  type,
  classes: ["Box"],
  writes: "box/1",
  reads: ["box/0"],
  load: async () => ({
    materializer: { type, format: "box/1", reads: ["box/0", "box/1"], save: async () => {}, load: async () => ({}) },
  }),
};

export const component = (flavor, more = {}) => ({
  kind,
  flavor,
  config,
  requires: [],
  load: async () => ({ create: () => ({}) }),
  ...more,
});

export const hooks = { runFinished() {} };

/** The sound integration with something changed. */
export const sound = (changed = {}) => ({
  name: "sound",
  components: [component("shelf", { requires: ["semver"] })],
  materializers: [materializer],
  hooks,
  ...changed,
});

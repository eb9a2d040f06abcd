// By itself in a module, and imported statically: a dynamic import of tapable is undone by loaders that unwrap what is
// marked as `__esModule`, as tsx does once a TypeScript pipeline has been loaded.
export { AsyncSeriesHook } from "tapable";

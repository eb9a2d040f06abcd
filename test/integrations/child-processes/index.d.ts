import type { ComponentReference, Launcher } from "@tenon/core";

export declare const childProcesses: (config?: { parallel?: number }) => ComponentReference<Launcher>;

import { fileURLToPath } from "node:url";
import { testIntegration } from "@tenon/core/testing";
import { test } from "vitest";

testIntegration({ test, package: fileURLToPath(new URL("..", import.meta.url)) });
